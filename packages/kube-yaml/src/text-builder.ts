/** Pieces gathered before they are joined; long lists of tiny strings cost many times their text. */
const batch = 4096;

/** Builds a long text from small pieces in little memory. */
export class TextBuilder {
  #text = "";
  #pieces: string[] = [];

  add(piece: string): void {
    if (this.#pieces.push(piece) < batch) return;
    this.#text += this.#pieces.join("");
    this.#pieces = [];
  }

  finish(): string {
    return this.#text + this.#pieces.join("");
  }
}
