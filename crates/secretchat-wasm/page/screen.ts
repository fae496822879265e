// The screen of a phone: it shows what it is told, and says what the user does.
import type { Verification } from "secretchat";
import type { Picture } from "./phone.js";

export class Screen {
  onText: (text: string, ttl: number) => void = () => {};
  onPhoto: (photo: Picture, ttl: number) => void = () => {};
  onOpen: (id: bigint) => void = () => {};

  readonly #phone = document.createElement("section");
  readonly #picture = document.createElement("span");
  readonly #log = document.createElement("div");
  readonly #deadlines = new Map<bigint, number>();

  constructor(name: string) {
    const [header, title, form] = [make("header"), make("b"), make("form")];
    const [input, timer, button] = [make("input"), make("select"), make("button")];
    this.#phone.className = "phone";
    this.#phone.id = name;
    title.textContent = name;
    this.#log.className = "log";
    input.placeholder = "Message, or drop a photo here";
    button.textContent = "Send";
    for (const seconds of [0, 3, 10, 60]) {
      timer.add(new Option(seconds === 0 ? "no timer" : `${seconds} s`, String(seconds)));
    }
    header.append(this.#picture, title);
    form.append(input, timer, button);
    this.#phone.append(header, this.#log, form);
    document.body.append(this.#phone);

    form.onsubmit = (event) => {
      event.preventDefault();
      if (input.value) this.onText(input.value, Number(timer.value));
      input.value = "";
    };
    this.#phone.ondragover = (event) => {
      event.preventDefault();
      this.#phone.classList.add("over");
    };
    this.#phone.ondragleave = () => this.#phone.classList.remove("over");
    this.#phone.ondrop = async (event) => {
      event.preventDefault();
      this.#phone.classList.remove("over");
      for (const file of event.dataTransfer?.files ?? []) this.onPhoto(await picture(file), Number(timer.value));
    };
    setInterval(() => this.#tick(), 200);
  }

  /** Shows the picture of the key, which both users compare, and its words when the mouse rests on it. */
  compare(verification: Verification): void {
    this.#picture.innerHTML = verification.svg; // of the library, not of the peer
    this.#picture.title = verification.words.join(" ");
  }

  message(id: bigint, text: string, isOwn: boolean, isClosed: boolean): void {
    const message = make("div");
    message.className = isOwn ? "message own" : "message";
    message.dataset["id"] = String(id);
    message.textContent = text;
    if (isClosed) {
      const open = make("button");
      open.textContent = "Open the photo";
      open.onclick = () => this.onOpen(id);
      message.append(open);
    }
    this.#log.append(message);
    message.scrollIntoView();
  }

  photo(id: bigint, bytes: Uint8Array): void {
    const image = make("img");
    image.src = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
    image.onload = () => URL.revokeObjectURL(image.src);
    this.#message(id)?.querySelector("button")?.remove();
    this.#message(id)?.append(image);
  }

  note(id: bigint, text: string): void {
    this.#message(id)?.append(text);
  }

  countDown(id: bigint, deadline: number | undefined): void {
    if (deadline === undefined || this.#deadlines.has(id)) return;
    const left = make("span");
    left.className = "left";
    this.#message(id)?.append(left);
    this.#deadlines.set(id, deadline);
    this.#tick();
  }

  remove(id: bigint): void {
    this.#deadlines.delete(id);
    this.#message(id)?.remove();
  }

  #message(id: bigint): HTMLElement | null {
    return this.#log.querySelector(`[data-id="${id}"]`);
  }

  #tick(): void {
    for (const [id, deadline] of this.#deadlines) {
      const left = this.#message(id)?.querySelector(".left");
      if (left) left.textContent = `${Math.max(0, Math.ceil((deadline - Date.now()) / 1000))} s`;
    }
  }
}

function make<Name extends keyof HTMLElementTagNameMap>(name: Name): HTMLElementTagNameMap[Name] {
  return document.createElement(name);
}

async function picture(file: File): Promise<Picture> {
  const image = await createImageBitmap(file);
  return { bytes: new Uint8Array(await file.arrayBuffer()), width: image.width, height: image.height };
}
