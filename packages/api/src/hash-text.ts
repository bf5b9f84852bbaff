import { dumpJson, dumpList, dumpPointer, dumpString, dumpStringMap, dumpStruct } from "./go-dump.ts";
import type {
  LabelSelector,
  ObjectSetObject,
  ObjectSetProbe,
  ObjectSetTemplate,
  ObjectSetTemplatePhase,
  Probe,
  TemplateMetadata,
} from "./types.generated.ts";

// What the hashes are computed over: names and order of fields are those of the Go operator's types. The tests compare
// every text here with texts that the Go operator made.

/** The text of a template; an absent list and an empty one differ in it. */
export function templateText({ metadata, spec }: ObjectSetTemplate): string {
  return `(v1alpha1.ObjectSetTemplate)${dumpStruct({
    Metadata: `(v1.ObjectMeta)${metadataText(metadata)}`,
    Spec: `(v1alpha1.ObjectSetTemplateSpec)${dumpStruct({
      Phases: dumpList("[]v1alpha1.ObjectSetTemplatePhase", spec.phases, phaseText),
      AvailabilityProbes: dumpList("[]v1alpha1.ObjectSetProbe", spec.availabilityProbes, probeGroupText),
      SuccessDelaySeconds: `(int32)${String(spec.successDelaySeconds ?? 0)}`,
    })}`,
  })}`;
}

/** The text of a slice's objects. */
export function objectsText(objects: readonly ObjectSetObject[] | undefined): string {
  return dumpList("[]v1alpha1.ObjectSetObject", objects, objectText);
}

/** The text of a package's spec; `config` is the JSON text, absent when there is none. */
export function packageText(spec: {
  readonly image: string;
  readonly component?: string;
  readonly paused?: boolean;
  readonly config: string | undefined;
}): string {
  return `(v1alpha1.PackageSpec)${dumpStruct({
    Image: dumpString(spec.image),
    Config: dumpPointer("runtime.RawExtension", spec.config, rawExtensionText),
    Component: dumpString(spec.component),
    Paused: `(bool)${String(spec.paused ?? false)}`,
  })}`;
}

/** The text of a list of image prefix overrides. */
export function prefixOverridesText(
  rules: readonly { readonly from: string; readonly to: string }[],
): string {
  return dumpList("[]imageprefix.Override", rules, ({ from, to }) =>
    dumpStruct({ From: dumpString(from), To: dumpString(to) }),
  );
}

function rawExtensionText(json: string): string {
  const bytes = Array.from(Buffer.from(json), String).join(" ");
  return dumpStruct({ Raw: `([]uint8)[${bytes}]`, Object: "(runtime.Object)<nil>" });
}

function metadataText(metadata: TemplateMetadata | undefined): string {
  return dumpStruct({
    Name: dumpString(metadata?.name),
    GenerateName: dumpString(""),
    Namespace: dumpString(metadata?.namespace),
    SelfLink: dumpString(""),
    UID: dumpString("", "types.UID"),
    ResourceVersion: dumpString(""),
    Generation: "(int64)0",
    CreationTimestamp: "(v1.Time){Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}",
    DeletionTimestamp: "(*v1.Time)<nil>",
    DeletionGracePeriodSeconds: "(*int64)<nil>",
    Labels: dumpStringMap(metadata?.labels),
    Annotations: dumpStringMap(metadata?.annotations),
    OwnerReferences: "([]v1.OwnerReference)<nil>",
    Finalizers: stringsText(metadata?.finalizers),
    ManagedFields: "([]v1.ManagedFieldsEntry)<nil>",
  });
}

function phaseText(phase: ObjectSetTemplatePhase): string {
  return dumpStruct({
    Name: dumpString(phase.name),
    Class: dumpString(phase.class),
    Objects: objectsText(phase.objects),
    Slices: stringsText(phase.slices),
  });
}

function objectText({ object, collisionProtection, conditionMappings }: ObjectSetObject): string {
  return dumpStruct({
    Object: `(unstructured.Unstructured)${dumpStruct({ Object: dumpJson(object) })}`,
    CollisionProtection: dumpString(collisionProtection, "v1alpha1.CollisionProtection"),
    ConditionMappings: dumpList("[]v1alpha1.ConditionMapping", conditionMappings, (mapping) =>
      dumpStruct({
        SourceType: dumpString(mapping.sourceType),
        DestinationType: dumpString(mapping.destinationType),
      }),
    ),
  });
}

/** `selector.kind` is required by the CRD, though Go has a pointer there. */
function probeGroupText({ probes, selector }: ObjectSetProbe): string {
  return dumpStruct({
    Probes: dumpList("[]v1alpha1.Probe", probes, probeText),
    Selector: `(v1alpha1.ProbeSelector)${dumpStruct({
      Kind: dumpPointer("v1alpha1.PackageProbeKindSpec", selector.kind, ({ group, kind }) =>
        dumpStruct({ Group: dumpString(group), Kind: dumpString(kind) }),
      ),
      Selector: dumpPointer("v1.LabelSelector", selector.selector, selectorText),
    })}`,
  });
}

function selectorText({ matchLabels, matchExpressions }: LabelSelector): string {
  return dumpStruct({
    MatchLabels: dumpStringMap(matchLabels),
    MatchExpressions: dumpList("[]v1.LabelSelectorRequirement", matchExpressions, (requirement) =>
      dumpStruct({
        Key: dumpString(requirement.key),
        Operator: dumpString(requirement.operator, "v1.LabelSelectorOperator"),
        Values: stringsText(requirement.values),
      }),
    ),
  });
}

function probeText({ condition, fieldsEqual, cel }: Probe): string {
  return dumpStruct({
    Condition: dumpPointer("v1alpha1.ProbeConditionSpec", condition, ({ type, status }) =>
      dumpStruct({ Type: dumpString(type), Status: dumpString(status) }),
    ),
    FieldsEqual: dumpPointer("v1alpha1.ProbeFieldsEqualSpec", fieldsEqual, ({ fieldA, fieldB }) =>
      dumpStruct({ FieldA: dumpString(fieldA), FieldB: dumpString(fieldB) }),
    ),
    CEL: dumpPointer("v1alpha1.ProbeCELSpec", cel, ({ rule, message }) =>
      dumpStruct({ Rule: dumpString(rule), Message: dumpString(message) }),
    ),
  });
}

function stringsText(values: readonly string[] | null | undefined): string {
  return dumpList("[]string", values, (value) => value);
}
