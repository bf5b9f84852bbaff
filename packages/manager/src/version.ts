/** The release this program belongs to; a test holds it to package.json. */
export const version: string = "0.1.0";
