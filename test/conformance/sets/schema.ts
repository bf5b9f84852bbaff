import {
  admitObject,
  formatFieldError,
  formatFieldErrors,
  formatQuantity,
  formatSelector,
  isConfigMapKey,
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isEmptySelector,
  isLabelValue,
  isQualifiedName,
  type JsonObject,
  type JsonSchema,
  type LabelSelector,
  matchesSelector,
  parseLabelSelector,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  type Selector,
  selectorFromObject,
  validateAnnotations,
  validateLabels,
  validateStructural,
} from "@package-operator/schema";
import { type Comparison, outcome, type VectorSet, vectorSet } from "../vector-set.ts";

const nameChecks: Readonly<Record<string, (value: string) => string[]>> = {
  configmapkey: isConfigMapKey,
  dns1035label: isDns1035Label,
  dns1123label: isDns1123Label,
  dns1123subdomain: isDns1123Subdomain,
  labelvalue: isLabelValue,
  namespacename: isDns1123Label,
  qualifiedname: isQualifiedName,
};

interface SelectorVector {
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly canonical?: string;
  readonly matches?: boolean;
  readonly empty?: boolean;
  readonly error?: string;
}

function compareSelector(vector: SelectorVector, parse: () => Selector): Comparison {
  const { labels, canonical, matches, empty, error } = vector;
  return {
    expected: error === undefined ? { value: { canonical, matches, empty } } : { error },
    actual: outcome(() => {
      const selector = parse();
      return {
        canonical: formatSelector(selector),
        matches: matchesSelector(selector, labels ?? undefined),
        empty: isEmptySelector(selector),
      };
    }),
  };
}

interface AdmitVector {
  readonly schema: JsonSchema | null;
  readonly config: JsonObject;
  readonly admitted?: JsonObject;
  readonly errors?: string[];
  readonly aggregate?: string;
  readonly error?: string;
}

function compareAdmission(vector: AdmitVector): Comparison {
  const { schema, admitted, errors = [], aggregate, error } = vector;
  const config = structuredClone(vector.config);
  const found = outcome(() => admitObject(schema ?? undefined, config, "spec.config"));
  if (error !== undefined) return { expected: { error }, actual: found };
  const list = "value" in found ? found.value : [];
  return {
    expected: { admitted, errors: errors.toSorted(), aggregate },
    actual: {
      admitted: config,
      errors: "value" in found ? list.map(formatFieldError).toSorted() : found,
      aggregate: aggregate === undefined ? undefined : formatFieldErrors(list),
    },
  };
}

interface MetadataVector {
  readonly kind: "labels" | "annotations";
  readonly values: Readonly<Record<string, string>>;
  readonly errors: string[];
  readonly aggregate?: string;
}

function compareMetadata({ kind, values, errors, aggregate }: MetadataVector): Comparison {
  const validate = kind === "labels" ? validateLabels : validateAnnotations;
  const found = validate(values, `metadata.${kind}`);
  return {
    expected: { errors: errors.toSorted(), aggregate },
    actual: {
      errors: found.map(formatFieldError).toSorted(),
      aggregate: aggregate === undefined ? undefined : formatFieldErrors(found),
    },
  };
}

interface QuantityVector {
  readonly quantity: string;
  readonly canonical?: string;
  readonly value?: string;
  readonly milliValue?: string;
  readonly sign?: number;
  readonly format?: string;
  readonly error?: string;
}

function compareQuantity({ quantity: text, error, ...facts }: QuantityVector): Comparison {
  const { canonical, value, milliValue, sign, format } = facts;
  return {
    expected: error === undefined ? { value: { canonical, value, milliValue, sign, format } } : { error },
    actual: outcome(() => {
      const quantity = parseQuantity(text);
      return {
        canonical: formatQuantity(quantity),
        value: String(quantityValue(quantity)),
        milliValue: String(quantityMilliValue(quantity)),
        sign: Number(quantity.nanos > 0n) - Number(quantity.nanos < 0n),
        format: quantity.format,
      };
    }),
  };
}

export const schemaSets: Readonly<Record<string, VectorSet>> = {
  config_schema: vectorSet<{ schema: JsonSchema; errors: string[] }>(({ schema, errors }) => ({
    expected: errors.toSorted(),
    actual: validateStructural(schema, "spec.config.openAPIV3Schema").map(formatFieldError).toSorted(),
  })),
  config_admit: vectorSet(compareAdmission),
  label_selector: vectorSet<SelectorVector & { selector: string }>((vector) =>
    compareSelector(vector, () => parseLabelSelector(vector.selector)),
  ),
  label_selector_object: vectorSet<SelectorVector & { selector: LabelSelector | null }>((vector) =>
    compareSelector(vector, () => selectorFromObject(vector.selector)),
  ),
  name_validation: vectorSet<{ kind: string; value: string; errors: string[] }>(
    ({ kind, value, errors }) => ({
      expected: errors.toSorted(),
      actual: nameChecks[kind]?.(value).toSorted(),
    }),
  ),
  metadata_validation: vectorSet(compareMetadata),
  quantity: vectorSet(compareQuantity),
};
