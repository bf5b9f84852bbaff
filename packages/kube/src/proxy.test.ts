import { describe, expect, test } from "vitest";
import { proxyFor } from "./proxy.ts";

const proxy = "http://proxy:3128";

describe("proxyFor", () => {
  test.each([
    ["https uses HTTPS_PROXY", "https://api:6443", { HTTPS_PROXY: proxy }, proxy],
    ["http uses HTTP_PROXY", "http://api", { HTTP_PROXY: proxy, HTTPS_PROXY: "http://other" }, proxy],
    ["https ignores HTTP_PROXY", "https://api", { HTTP_PROXY: proxy }, undefined],
    ["lower case counts", "https://api", { https_proxy: proxy }, proxy],
    ["upper case wins", "https://api", { HTTPS_PROXY: proxy, https_proxy: "http://other" }, proxy],
    ["a bare host gets a scheme", "https://api", { HTTPS_PROXY: "proxy:3128" }, proxy],
    ["nothing set", "https://api", {}, undefined],
  ])("%s", (_, url, env, expected) => {
    expect(proxyFor(new URL(url), env)).toBe(expected);
  });

  test.each([
    ["localhost", "https://localhost", "", true],
    ["IPv4 loopback", "https://127.1.2.3", "", true],
    ["IPv6 loopback", "https://[::1]:6443", "", true],
    ["everything", "https://api", "*", true],
    ["the host", "https://api.example.com", "other, api.example.com", true],
    ["the domain", "https://api.example.com", "example.com", true],
    ["a domain with dot", "https://api.example.com", ".example.com", true],
    ["a star domain", "https://api.example.com", "*.example.com", true],
    ["a domain with dot, not the apex", "https://example.com", ".example.com", false],
    ["no partial label", "https://badexample.com", "example.com", false],
    ["the right port", "https://api:6443", "api:6443", true],
    ["the implied port", "https://api", "api:443", true],
    ["another port", "https://api:6443", "api:443", false],
    ["an address", "https://10.96.0.1", "10.96.0.1", true],
    ["a network", "https://10.96.0.1", "10.0.0.0/8", true],
    ["another network", "https://11.96.0.1", "10.0.0.0/8", false],
    ["an IPv6 network", "https://[fd00::7]", "fd00::/8", true],
    ["an IPv6 address", "https://[fd00::7]", "fd00::7", true],
    ["a network without bits", "https://10.0.0.1", "10.0.0.0/", false],
    ["a network with too many bits", "https://10.0.0.1", "10.0.0.1/33", false],
    ["a name is in no network", "https://api", "10.0.0.0/8", false],
  ])("NO_PROXY exempts %s", (_, url, noProxy, exempt) => {
    expect(proxyFor(new URL(url), { HTTPS_PROXY: proxy, NO_PROXY: noProxy })).toBe(
      exempt ? undefined : proxy,
    );
  });
});
