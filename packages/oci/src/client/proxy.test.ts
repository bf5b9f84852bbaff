import { expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const proxies = { HTTP_PROXY: "http://plain:3128", HTTPS_PROXY: "secure:3129" };
const ask = (url: string, noProxy: string): string | undefined =>
  proxyFor(new URL(url), { ...proxies, NO_PROXY: noProxy })?.href;

test("the scheme chooses the proxy, and lower-case names count", () => {
  expect(ask("http://quay.io/v2/", "")).toBe("http://plain:3128/");
  expect(ask("https://quay.io/v2/", "")).toBe("http://secure:3129/");
  expect(proxyFor(new URL("https://quay.io"), { https_proxy: "http://low:1" })?.href).toBe("http://low:1/");
  expect(proxyFor(new URL("https://quay.io"), {})).toBeUndefined();
});

test.each([
  ["quay.io", "https://quay.io/", true],
  ["quay.io", "https://cdn.quay.io/", true],
  ["quay.io", "https://myquay.io/", false],
  [".quay.io", "https://quay.io/", false],
  [".quay.io", "https://cdn.quay.io/", true],
  ["*.quay.io", "https://cdn.quay.io/", true],
  ["quay.io:443", "https://quay.io/", true],
  ["quay.io:8443", "https://quay.io/", false],
  ["QUAY.io , other", "https://quay.io/", true],
  ["*", "https://quay.io/", true],
  ["10.1.2.3", "http://10.1.2.3:5000/", true],
  ["10.1.2.0/24", "http://10.1.2.3:5000/", true],
  ["10.1.3.0/24", "http://10.1.2.3:5000/", false],
  ["10.1.2.0/99", "http://10.1.2.3:5000/", false],
  ["fd00::/8", "http://[fd00::1]:5000/", true],
  ["[fd00::1]:5000", "http://[fd00::1]:5000/", true],
  ["[fd00::1]:5001", "http://[fd00::1]:5000/", false],
  ["", "https://quay.io/", false],
])("NO_PROXY %j and %s: direct is %s", (noProxy, url, isDirect) => {
  expect(ask(url, noProxy) === undefined).toBe(isDirect);
});

test.each(["http://localhost:5000/", "http://127.0.0.2/", "http://[::1]:5000/"])(
  "%s is always direct",
  (url) => {
    expect(ask(url, "")).toBeUndefined();
  },
);
