import type { JsonObject } from "@package-operator/kube-yaml";
import { type Decoder, listOf, mapOf, optional, struct, text } from "./go-struct.ts";

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Probe {
  readonly condition?: { readonly type: string; readonly status: string };
  readonly fieldsEqual?: { readonly fieldA: string; readonly fieldB: string };
  readonly cel?: { readonly rule: string; readonly message: string };
}

interface ObjectSetProbe {
  readonly probes: readonly Probe[];
  readonly selector: {
    readonly kind?: { readonly group: string; readonly kind: string };
    readonly selector?: LabelSelector;
  };
}

const requirement = struct<NonNullable<LabelSelector["matchExpressions"]>[number]>(
  "v1.LabelSelectorRequirement",
  {
    key: text,
    operator: text,
    values: optional(listOf(text)),
  },
);

const probe = struct<Probe>("v1alpha1.Probe", {
  condition: optional(
    struct<Required<Probe>["condition"]>("v1alpha1.ProbeConditionSpec", { type: text, status: text }),
  ),
  fieldsEqual: optional(
    struct<Required<Probe>["fieldsEqual"]>("v1alpha1.ProbeFieldsEqualSpec", { fieldA: text, fieldB: text }),
  ),
  cel: optional(struct<Required<Probe>["cel"]>("v1alpha1.ProbeCELSpec", { rule: text, message: text })),
});

const typed = struct<ObjectSetProbe>("v1alpha1.ObjectSetProbe", {
  probes: listOf(probe),
  selector: struct<ObjectSetProbe["selector"]>("v1alpha1.ProbeSelector", {
    kind: optional(
      struct<Required<ObjectSetProbe["selector"]>["kind"]>("v1alpha1.PackageProbeKindSpec", {
        group: text,
        kind: text,
      }),
    ),
    selector: optional(
      struct<LabelSelector>("v1.LabelSelector", {
        matchLabels: mapOf(text),
        matchExpressions: optional(listOf(requirement)),
      }),
    ),
  }),
});

/** An entry of `spec.availabilityProbes`: only the known fields, texts as texts (`status: True` is one), a selector always. */
export const objectSetProbe: Decoder<JsonObject> = {
  type: typed.type,
  decode: (value, place) => typed.decode(value, place) as unknown as JsonObject,
};
