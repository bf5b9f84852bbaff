import { Template } from "@package-operator/go-template";
import { builtInPrefix } from "./built-in-schemas.ts";

const folderSuffix =
  "/{{ .NormalizedKubernetesVersion }}-standalone{{ .StrictSuffix }}/{{ .ResourceKind }}{{ .KindSuffix }}.json";

/** Tells where the schema of a kind is. */
export type SchemaLocation = (apiVersion: string, kind: string) => string;

/**
 * Reads the schema locations of a manifest: Go templates of URLs or files, `default` for the schemas of Kubernetes' own
 * kinds that come with this package. None given: these. Upstream has kubeconform fetch collections from the internet
 * then; here only what the manifest names is fetched.
 *
 * @param kubernetesVersion with or without `v`, or `master`.
 * @throws TemplateError for a location that is no template.
 */
export function schemaLocations(
  given: readonly string[],
  kubernetesVersion: string,
): readonly SchemaLocation[] {
  const texts = given.length === 0 ? ["default"] : given;
  return texts.map((text) =>
    text === "default"
      ? (apiVersion, kind) => `${builtInPrefix}${apiVersion}/${kind}`
      : compile(text.endsWith("json") ? text : text + folderSuffix, kubernetesVersion),
  );
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
