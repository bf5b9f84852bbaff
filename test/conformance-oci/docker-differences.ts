const noChunkOrder = "takes chunks wherever they say to belong";
const noPages = "lists all tags in the order of the folder, without pages";
const noReferrers = "knows no referrers";
const noTagDeletion = "deletes by digest only";

/** What Debian's docker-registry 2.8 does otherwise, most of it because it is older than the specification 1.1. */
export const dockerDifferences: Readonly<Record<string, string>> = {
  "pull: a Range behind the end of a blob answers 416 (end-2)": "cuts the connection",
  "push: a chunk with a gap answers 416, and the upload goes on from where it was (end-5, end-13)":
    noChunkOrder,
  "push: a chunk that came already answers 416, and the upload goes on from where it was (end-5, end-13)":
    noChunkOrder,
  "push: the first chunk of an upload has to begin at 0, else 416 (end-5)": noChunkOrder,
  "mount: without a repository to mount from, any that has the blob will do (end-11)":
    "mounts from a named repository only",
  "push: a manifest may have a sha512 digest (end-7, end-3)": "names manifests by sha256 only",
  "push: a manifest above the limit answers 413 (end-7)": "answers 400",
  "push: layers that only their publisher hands out need not be there (end-7)":
    "wants their addresses to be allowed by its configuration",
  "push: a manifest with a subject answers with OCI-Subject (end-7)": noReferrers,
  "push: tags as parameters of a PUT by digest are set and named in OCI-Tag (end-7, after 1.1)":
    "ignores parameters",
  "tags: GET answers 200 with the name and all tags in byte order (end-8a)": noPages,
  "tags: n limits the list, and Link leads through all pages (end-8b)": noPages,
  "tags: last leaves out everything up to a tag, also one that is not there (end-8b)": noPages,
  "tags: n=0 gives an empty list without Link (end-8b)": noPages,
  "tags: a page as long as the rest has no Link (end-8b)": noPages,
  "referrers: a digest without any, known or not, answers 200 with an empty index (end-12a)": noReferrers,
  "referrers: lists type, digest, size, artifactType and annotations of images (end-12a)": noReferrers,
  "referrers: lists indexes, with artifactType only if they have one (end-12a)": noReferrers,
  "referrers: artifactType filters, and OCI-Filters-Applied says so (end-12b)": noReferrers,
  "referrers: without filter there is no OCI-Filters-Applied (end-12a)": noReferrers,
  "referrers: a referrer may come before its subject (end-12a)": noReferrers,
  "referrers: one that was deleted is listed no more (end-12a, end-9)": noReferrers,
  "referrers: what is no digest is refused with 400 (end-12a)": noReferrers,
  "delete: a tag answers 202 and is gone, its manifest and other tags stay (end-9)": noTagDeletion,
  "delete: an unknown tag answers 404 (end-9)": noTagDeletion,
};
