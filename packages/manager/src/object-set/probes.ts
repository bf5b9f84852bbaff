import { type AvailabilityProbe, compileProbes, type Prober } from "@package-operator/schema";

/** Compiles availability probes; a text says why they make no sense. */
export function readProbes(probes: readonly AvailabilityProbe[] | undefined): Prober | string {
  try {
    return compileProbes(probes ?? []);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "invalid-probe") {
      return `parsing probes: ${error.message}`;
    }
    throw error;
  }
}
