import { expect, test } from "vitest";
import { loadKubeConfig } from "./load-config.ts";

function config(server: string): string {
  return `
current-context: c
clusters: [{name: c, cluster: {server: "${server}"}}]
contexts: [{name: c, context: {cluster: c}}]
`;
}

const account = "/var/run/secrets/kubernetes.io/serviceaccount";
const pod = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };
const podFiles = { [`${account}/token`]: "t", [`${account}/ca.crt`]: "CA", [`${account}/namespace`]: "ns\n" };
const homeFile = { "/home/me/.kube/config": config("https://home") };

function reader(files: Record<string, string>): (path: string) => Promise<string> {
  return async (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: "ENOENT" });
    return text;
  };
}

test("the explicit file wins over everything", async () => {
  const readFile = reader({ "/flag": config("https://flag"), "/env": config("https://env"), ...podFiles });
  const loaded = await loadKubeConfig({ kubeconfig: "/flag", env: { ...pod, KUBECONFIG: "/env" }, readFile });
  expect(loaded.server).toBe("https://flag");
});

test("an explicit file must exist", async () => {
  await expect(loadKubeConfig({ kubeconfig: "/flag", env: {}, readFile: reader({}) })).rejects.toMatchObject({
    code: "InvalidConfig",
  });
});

test("KUBECONFIG wins over the pod; missing files of the list are skipped", async () => {
  const readFile = reader({ "/env": config("https://env"), ...podFiles });
  const loaded = await loadKubeConfig({ env: { ...pod, KUBECONFIG: "/missing:/env" }, readFile });
  expect(loaded.server).toBe("https://env");
});

test("the pod's service account wins over the home folder", async () => {
  const loaded = await loadKubeConfig({
    env: { ...pod, HOME: "/home/me" },
    readFile: reader({ ...podFiles, ...homeFile }),
  });
  expect(loaded).toEqual({
    server: "https://10.0.0.1:443",
    ca: { file: `${account}/ca.crt` },
    insecureSkipTlsVerify: false,
    auth: { token: { file: `${account}/token` } },
    namespace: "ns",
    source: "in-cluster",
  });
});

test("an IPv6 service host is bracketed", async () => {
  const env = { KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "443" };
  expect((await loadKubeConfig({ env, readFile: reader(podFiles) })).server).toBe("https://[fd00::1]:443");
});

test("the home folder comes last", async () => {
  const loaded = await loadKubeConfig({ env: { HOME: "/home/me" }, readFile: reader(homeFile) });
  expect(loaded.server).toBe("https://home");
});

test("nothing found is an error that says where was looked", async () => {
  await expect(loadKubeConfig({ env: { HOME: "/home/me" }, readFile: reader({}) })).rejects.toMatchObject({
    code: "InvalidConfig",
    message: expect.stringContaining("/home/me/.kube/config"),
  });
});

test("an unreadable file is an error, not a missing one", async () => {
  const readFile = async () => {
    throw Object.assign(new Error("denied"), { code: "EACCES" });
  };
  await expect(loadKubeConfig({ env: { KUBECONFIG: "/secret" }, readFile })).rejects.toMatchObject({
    code: "InvalidConfig",
    message: expect.stringContaining("/secret"),
  });
});
