import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { createWorkspace } from "./testing/workspace.ts";

// A server that takes connections and never answers: neither a TLS handshake nor a request.
test.each([
  [["validate", "--pull", "ADDRESS/yard/shed:v1"]],
  [["repo", "pull", "copy.yaml", "ADDRESS/yard/index:v1"]],
  [["update", "shed"]],
  [["kickstart", "pkg", "-b", "ADDRESS/yard/bundle:v1"]],
  [["kickstart", "pkg", "-f", "http://ADDRESS/x.yaml"]],
  [["pause", "package/shed"]],
  [["clustertree", "package/shed"]],
])("an interrupt ends %j at once", async (args) => {
  const interrupt = new AbortController();
  let interrupted = 0;
  const silent = createServer((socket) => {
    socket.on("error", () => undefined);
    interrupted = Date.now();
    interrupt.abort();
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const workspace = await createWorkspace({
    "shed/manifest.yaml": `apiVersion: manifests.package-operator.run/v1alpha1
kind: PackageManifest
metadata: {name: shed}
spec: {scopes: [Cluster], phases: [{name: run}], images: [{name: web, image: "${address}/yard/web:v1"}]}
`,
  });
  try {
    const options = { signal: interrupt.signal, env: { KUBERNETES_MASTER: `https://${address}` } };
    const words = args.map((word) => word.replace("ADDRESS", address));
    expect(await workspace.runWith(options, ...words)).toEqual({
      code: 130,
      stdout: "",
      stderr: "Error: context canceled\n",
    });
    expect(Date.now() - interrupted).toBeLessThan(5000);
  } finally {
    silent.close();
    await workspace.remove();
  }
});
