import { finalizers } from "@package-operator/api";

/** What an object set needs before anything is made in its name; new sets are born with them. */
export const createdFinalizers = [finalizers.cached, finalizers.metrics] as const;
