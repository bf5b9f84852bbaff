import { Template } from "@package-operator/go-template";

const standard =
  "https://raw.githubusercontent.com/yannh/kubernetes-json-schema/master/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";
const catalog =
  "https://raw.githubusercontent.com/datreeio/CRDs-catalog/main/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json";
const folderSuffix =
  "/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";

/** Tells where the schema of a kind is. */
export type SchemaLocation = (apiVersion: string, kind: string) => string;

/**
 * Reads the schema locations of a manifest: Go templates of URLs or files, `default` for the well-known collection of
 * Kubernetes' own kinds. None given: that collection, then the catalog of custom kinds.
 *
 * @param kubernetesVersion with or without `v`, or `master`.
 * @throws TemplateError for a location that is no template.
 */
export function schemaLocations(
  given: readonly string[],
  kubernetesVersion: string,
): readonly SchemaLocation[] {
  const texts = given.length === 0 ? [standard, catalog] : given;
  return texts.map((text) => compile(completed(text), kubernetesVersion));
}

function completed(text: string): string {
  if (text === "default") return standard;
  return text.endsWith("json") ? text : text + folderSuffix;
}

function compile(text: string, kubernetesVersion: string): SchemaLocation {
  const template = new Template({ name: "location" }).parse("location", text);
  const bare = kubernetesVersion.replace(/^v/, "");
  return (apiVersion, kind) => {
    const [group = "", version = group] = apiVersion.split("/");
    const suffix = apiVersion.includes("/")
      ? `-${group.split(".")[0]?.toLowerCase()}-${version}`
      : `-${version}`;
    return template.execute("location", {
      NormalizedKubernetesVersion: bare === "master" ? bare : `v${bare}`,
      StrictSuffix: "-strict",
      ResourceKind: kind.toLowerCase(),
      ResourceAPIVersion: version,
      Group: group,
      KindSuffix: suffix,
    });
  };
}
