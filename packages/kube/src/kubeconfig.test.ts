import { describe, expect, test } from "vitest";
import { mergeKubeConfigs, resolveContext } from "./kubeconfig.ts";

const base = {
  path: "/home/me/.kube/config",
  text: `
apiVersion: v1
kind: Config
current-context: a
clusters:
- name: one
  cluster: {server: "https://one:6443/", certificate-authority: ca.crt, tls-server-name: kubernetes}
contexts:
- name: a
  context: {cluster: one, user: me, namespace: team}
- name: anonymous
  context: {cluster: one}
- name: dangling
  context: {cluster: missing}
users:
- name: me
  user:
    client-certificate-data: ${Buffer.from("CERT").toString("base64")}
    client-key: keys/me.key
`,
};

describe("resolveContext", () => {
  test("resolves the current context, paths relative to the file", () => {
    expect(resolveContext(mergeKubeConfigs([base]))).toEqual({
      server: "https://one:6443",
      ca: { file: "/home/me/.kube/ca.crt" },
      insecureSkipTlsVerify: false,
      tlsServerName: "kubernetes",
      auth: { clientCertificate: { data: "CERT" }, clientKey: { file: "/home/me/.kube/keys/me.key" } },
      namespace: "team",
      source: "/home/me/.kube/config",
    });
  });

  test("takes another context, without user and namespace", () => {
    const config = resolveContext(mergeKubeConfigs([base]), { context: "anonymous" });
    expect(config.auth).toEqual({});
    expect(config.namespace).toBe("default");
  });

  test.each([
    ["a missing context", "nowhere", 'context "nowhere" does not exist'],
    ["a missing cluster", "dangling", 'cluster "missing" does not exist'],
  ])("names %s", (_, context, message) => {
    expect(() => resolveContext(mergeKubeConfigs([base]), { context })).toThrow(
      expect.objectContaining({ code: "InvalidConfig", message: expect.stringContaining(message) }),
    );
  });

  test("the first file to name something wins", () => {
    const other = {
      path: "/etc/other",
      text: `
current-context: b
clusters: [{name: one, cluster: {server: "https://other"}}, {name: two, cluster: {server: "http://two", insecure-skip-tls-verify: true, proxy-url: "http://proxy:3128"}}]
contexts: [{name: b, context: {cluster: two, user: token}}]
users: [{name: token, user: {token: secret, tokenFile: token.txt}}]
`,
    };
    const merged = mergeKubeConfigs([base, other]);
    expect(resolveContext(merged).server).toBe("https://one:6443");
    const second = resolveContext(merged, { context: "b" });
    expect(second).toMatchObject({
      server: "http://two",
      insecureSkipTlsVerify: true,
      proxyUrl: "http://proxy:3128",
      auth: { token: { file: "/etc/token.txt" } },
      source: "/home/me/.kube/config:/etc/other",
    });
  });

  test("reads exec, basic authentication and impersonation", () => {
    const config = mergeKubeConfigs([
      {
        path: "/x/config",
        text: `
current-context: c
clusters: [{name: c, cluster: {server: "https://c"}}]
contexts: [{name: c, context: {cluster: c, user: u}}]
users:
- name: u
  user:
    username: admin
    password: pw
    as: someone
    as-groups: [g1, g2]
    as-user-extra: {reason: [why]}
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: ./bin/login
      args: [token]
      env: [{name: REGION, value: eu}]
      interactiveMode: Never
      provideClusterInfo: true
`,
      },
    ]);
    expect(resolveContext(config).auth).toEqual({
      basic: { username: "admin", password: "pw" },
      impersonate: { user: "someone", groups: ["g1", "g2"], extra: { reason: ["why"] } },
      exec: {
        apiVersion: "client.authentication.k8s.io/v1",
        command: "/x/bin/login",
        args: ["token"],
        env: { REGION: "eu" },
        interactiveMode: "Never",
        provideClusterInfo: true,
      },
    });
  });

  test.each([
    ["text that is no YAML", "a: [", "not valid YAML"],
    ["a list", "- a", "a mapping is expected"],
    ["clusters that are no list", "clusters: {}", "clusters must be a list"],
    ["an entry without name", "users: [{user: {}}]", "users[0] needs a name"],
    ["no current context", "clusters: []", "no current-context"],
    [
      "an auth-provider",
      "current-context: c\nclusters: [{name: c, cluster: {server: s}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {auth-provider: {name: gcp}}}]",
      "auth-provider",
    ],
    [
      "a cluster without server",
      "current-context: c\nclusters: [{name: c, cluster: {}}]\ncontexts: [{name: c, context: {cluster: c}}]",
      'cluster "c" has no server',
    ],
  ])("refuses %s and names the file", (_, text, message) => {
    expect(() => resolveContext(mergeKubeConfigs([{ path: "/f", text }]))).toThrow(
      expect.objectContaining({ code: "InvalidConfig", message: expect.stringMatching(/^\/f: /) }),
    );
    expect(() => resolveContext(mergeKubeConfigs([{ path: "/f", text }]))).toThrow(message);
  });
});
