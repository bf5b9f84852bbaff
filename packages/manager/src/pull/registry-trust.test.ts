import { expect, test } from "vitest";
import { isInsideCluster } from "./registry-trust.ts";

test.each([
  "localhost",
  "localhost:5000",
  "127.0.0.1:5000",
  "10.1.2.3",
  "172.16.0.1:80",
  "192.168.1.1",
  "[::1]:5000",
  "[fd00::1]",
  "registry.ns.svc",
  "registry.ns.svc.cluster.local:5001",
])("%s is inside", (host) => expect(isInsideCluster(host)).toBe(true));

test.each([
  "quay.io",
  "quay.io:443",
  "172.32.0.1",
  "11.0.0.1",
  "svc",
  "registry.svc.example.com",
  "localhost.example.com",
])("%s is outside", (host) => expect(isInsideCluster(host)).toBe(false));
