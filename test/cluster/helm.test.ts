import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  type ApiObject,
  createInformer,
  createKubeClient,
  isConflict,
  isNotFound,
  type KubeClient,
  loadKubeConfig,
  refOf,
} from "@package-operator/kube";
import { encodeYaml, type JsonObject } from "@package-operator/kube-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentedCommands } from "../node/documented.ts";
import { hasProgram } from "../../packages/oci/src/testing/docker-registry.ts";
import { packageHelmChart } from "../../packages/release/src/helm-chart.ts";

const { KUBECONFIG, HELM: helm = "helm" } = process.env;
const configDir = path.resolve(import.meta.dirname, "../../config");
const chart = path.join(configDir, "helm/package-operator");
const namespace = "package-operator-system";
const job = { apiVersion: "batch/v1", kind: "Job", name: "package-operator-bootstrap", namespace };
const account = { apiVersion: "v1", kind: "ServiceAccount", name: "package-operator", namespace };

interface Pod extends ApiObject {
  readonly status?: { readonly phase?: string };
}

interface Job extends ApiObject {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly object[] }[] };
    };
  };
}

/** Nothing runs the pods of this API server: what they come to is set here. */
describe.skipIf(!KUBECONFIG || !hasProgram(helm))("the Helm chart on a real API server", () => {
  let client: KubeClient;
  let pods: { close(): Promise<void> };
  let dir: string;
  let phase: "Pending" | "Succeeded" = "Succeeded";

  beforeAll(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "helm-"));
    client = createKubeClient(await loadKubeConfig({ kubeconfig: KUBECONFIG!, env: {} }));
    const informer = createInformer<Pod>(client, { apiVersion: "v1", kind: "Pod" }, { namespace });
    informer.onEvent((event) => {
      if (event.type === "delete" || event.object.status?.phase === phase) return;
      const body = { status: { phase } };
      client
        .patch(refOf(event.object), { type: "merge", body }, { subresource: "status" })
        .catch((error: unknown) => {
          if (!isNotFound(error) && !isConflict(error)) throw error;
        });
    });
    pods = informer;
    const names = { registryPrefix: "quay.io/package-operator", tag: "v1.18.2" };
    const { fileName, content } = await packageHelmChart(configDir, names);
    await writeFile(path.join(dir, fileName), content);
    await writeFile(path.join(dir, "values.yaml"), "{}\n");
    const { stdout } = await promisify(execFile)("sh", ["-c", `command -v ${helm}`]);
    await symlink(stdout.trim(), path.join(dir, "helm"));
  });
  afterAll(async () => {
    await pods?.close();
    await client?.close();
    await rm(dir, { recursive: true, force: true });
  });

  const exec = async (program: string, ...args: readonly string[]): Promise<string> => {
    const homes = { HELM_CACHE_HOME: dir, HELM_CONFIG_HOME: dir, HELM_DATA_HOME: dir };
    const env = { ...process.env, ...homes, KUBECONFIG, PATH: `${dir}:${process.env["PATH"]}` };
    return (await promisify(execFile)(program, args, { cwd: dir, env })).stdout;
  };
  const run = (...args: readonly string[]): Promise<string> =>
    exec("helm", ...args, "--namespace", namespace);
  /** What the page says under "With Helm": the plain way, and the one with a pull secret. */
  const documented = async (way: "plain" | "secret"): Promise<string> => {
    const [plain = "", ...secret] = (await documentedCommands("install.md", "## With Helm")).split("\n\n");
    return exec("sh", "-ec", way === "plain" ? plain : secret.join("\n"));
  };
  const install = async (values: JsonObject, timeout = "60s"): Promise<string> => {
    const file = path.join(dir, "values.yaml");
    await writeFile(file, encodeYaml(values));
    const options = ["--values", file, "--wait", "--timeout", timeout];
    return run("upgrade", "--install", "package-operator", chart, ...options);
  };
  /** A Job that removes itself waits for the garbage collector, which looks for new kinds every half minute. */
  const patience = { timeout: 60_000, interval: 100 };
  const isGone = async (): Promise<boolean> => {
    const found = await client.get(job).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
    return found === undefined;
  };

  test("the page's commands install from a registry with credentials, and wait for the end of the Job", async () => {
    expect(await documented("secret")).toMatch(/^STATUS: deployed$/m);
    expect(await client.get(account)).toMatchObject({ imagePullSecrets: [{ name: "mirror" }] });
    await expect.poll(isGone, patience).toBe(true);
  });

  test("an upgrade runs the Job again; one that hangs fails the release and makes room for the next", async () => {
    phase = "Pending";
    await expect(install({ ImagePrefixOverrides: "quay.io/=wrong.example/" }, "3s")).rejects.toMatchObject({
      stderr: expect.stringContaining("timed out waiting for the condition") as string,
    });
    expect(JSON.stringify(await client.get<Job>(job))).toContain("quay.io/=wrong.example/");
    const hanging = (await client.get(job)).metadata.uid;
    phase = "Succeeded";
    expect(await install({ ImagePrefixOverrides: "quay.io/=right.example/" })).toMatch(/^STATUS: deployed$/m);
    const next = await client.get(job).catch(() => undefined);
    expect(next?.metadata.uid).not.toBe(hanging);
  });

  test("a Job that gives up fails the release with its reason", async () => {
    await expect.poll(isGone, patience).toBe(true);
    phase = "Pending";
    const failure = install({}).then(
      () => "",
      ({ stderr }: { stderr: string }) => stderr,
    );
    const giveUp = async (): Promise<boolean> => {
      const body = { spec: { activeDeadlineSeconds: 1 } };
      const patched = await client.patch(job, { type: "merge", body }).catch(() => undefined);
      return patched !== undefined;
    };
    await expect.poll(giveUp, patience).toBe(true);
    expect(await failure).toContain("DeadlineExceeded");
    phase = "Succeeded";
  });

  test("uninstalling leaves what the operator needs", async () => {
    expect(await run("uninstall", "package-operator", "--wait")).toContain("kept due to the resource policy");
    expect(await client.get(account)).toBeDefined();
    const binding = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      name: "package-operator",
    };
    expect(await client.get(binding)).toBeDefined();
    expect(await install({})).toMatch(/^STATUS: deployed$/m);
  });

  test("the page's plain command makes the namespace too", async () => {
    await run("uninstall", "package-operator");
    await exec("kubectl", "delete", "namespace", namespace);
    await exec("kubectl", "delete", "clusterrolebinding", "package-operator");
    expect(await documented("plain")).toMatch(/^STATUS: deployed$/m);
    expect(await client.get(account)).toBeDefined();
  });

  test("an installation from the manifest becomes one of Helm, as the page says", async () => {
    await exec("helm", "uninstall", "package-operator");
    await exec("kubectl", "delete", "namespace", namespace);
    await exec("kubectl", "delete", "clusterrolebinding", "package-operator");
    await exec("kubectl", "apply", "-f", path.join(configDir, "self-bootstrap-job.yaml"));
    // Its Job goes away when it is done.
    await expect.poll(isGone, patience).toBe(true);
    const options = ["upgrade", "--install", "package-operator", chart, "--wait", "--timeout", "60s"];
    await expect(run(...options)).rejects.toMatchObject({
      stderr: expect.stringContaining("invalid ownership metadata") as string,
    });
    expect(await run(...options, "--take-ownership")).toMatch(/^STATUS: deployed$/m);
    expect((await client.get(account)).metadata.annotations).toMatchObject({
      "meta.helm.sh/release-name": "package-operator",
    });
  });
});
