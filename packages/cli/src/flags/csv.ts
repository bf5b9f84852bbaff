/**
 * Reads one CSV record, as list flags take it: commas separate, double quotes protect, a doubled quote is a quote.
 * Returns undefined when a quote is not closed or text follows a closing quote (RFC 4180).
 */
export function parseCsvRecord(text: string): string[] | undefined {
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    let field = "";
    if (text[position] === '"') {
      position += 1;
      for (;;) {
        const quote = text.indexOf('"', position);
        if (quote === -1) return undefined;
        field += text.slice(position, quote);
        position = quote + 1;
        if (text[position] !== '"') break;
        field += '"';
        position += 1;
      }
    } else {
      const comma = text.indexOf(",", position);
      field = text.slice(position, comma === -1 ? undefined : comma);
      if (field.includes('"')) return undefined;
      position += field.length;
    }
    fields.push(field);
    if (position === text.length) return fields;
    if (text[position] !== ",") return undefined;
    position += 1;
  }
}
