// Files: sealed and opened, whole or as streams.
import { Profile, type ProfileName } from "./abi.js";
import type { Library } from "./library.js";
import type { FileKey } from "./media.js";
import { codeOf } from "./names.js";

/** A sealed file, and the key for the message that names it. */
export interface Sealed {
  key: FileKey;
  sealed: Uint8Array;
}

/** A stream that seals, and the key once everything went through. */
export interface Sealing {
  stream: TransformStream<Uint8Array, Uint8Array>;
  key: Promise<FileKey>;
  /** The bytes of the sealed file. */
  sealedSize: number;
}

/** Bytes go into the library in pieces of this size, so that its memory stays small. */
const PIECE = 256 * 1024;

/** Seals a whole file for a chat of this profile, under a new key. */
export function seal(library: Library, profile: ProfileName, content: Uint8Array): Sealed {
  return library.lend((lent) => {
    const file = lent.bytes(content);
    const buffer = lent.room(8);
    const key = lent.result((out) =>
      library.check("sc_media_seal", codeOf(Profile, profile), file, content.length, library.env(), out, buffer),
    );
    return { key: takenKey(library, key), sealed: library.taken(library.view.getUint32(buffer, true)) };
  });
}

/** Opens a whole file. The size is that of the medium: its length before it was sealed. */
export function open(library: Library, profile: ProfileName, key: FileKey, size: number, sealed: Uint8Array): Uint8Array {
  return withKey(library, profile, key, (handle) =>
    library.lend((lent) => {
      const file = lent.bytes(sealed);
      return library.taken(
        lent.result((out) => library.check("sc_media_open", handle, BigInt(size), file, sealed.length, out)),
      );
    }),
  );
}

/** Seals a file of this size as it streams through. */
export function sealing(library: Library, profile: ProfileName, size: number): Sealing {
  const handle = library.lend((lent) =>
    lent.result((out) =>
      library.check("sc_encryptor_new", codeOf(Profile, profile), BigInt(size), library.env(), out),
    ),
  );
  const sealedSize = Number(library.call("sc_encryptor_encrypted_len", handle));
  let [done, failed]: [(key: FileKey) => void, (error: unknown) => void] = [() => {}, () => {}];
  const key = new Promise<FileKey>((resolve, reject) => ([done, failed] = [resolve, reject]));
  key.catch(() => {}); // whoever does not wait for it hears of an error from the stream
  const end = () =>
    done(takenKey(library, library.lend((lent) => lent.result((out) => library.check("sc_encryptor_finish", handle, out)))));
  return { stream: through(library, "sc_encryptor", handle, end, failed), key, sealedSize };
}

/**
 * Opens a file as it streams through. What comes out of a file in segments is authentic, and whole once the stream has
 * ended. A file of the Telegram profile is **never** authentic.
 */
export function opening(
  library: Library, profile: ProfileName, key: FileKey, size: number,
): TransformStream<Uint8Array, Uint8Array> {
  const handle = withKey(library, profile, key, (key) =>
    library.lend((lent) => lent.result((out) => library.check("sc_decryptor_new", key, BigInt(size), out))),
  );
  return openingOf(library, handle);
}

/** Opens a file with a decryptor, which it frees. */
export function openingOf(library: Library, decryptor: number): TransformStream<Uint8Array, Uint8Array> {
  return through(library, "sc_decryptor", decryptor, () => library.check("sc_decryptor_finish", decryptor), () => {});
}

function through(
  library: Library, name: string, handle: number, end: () => void, failed: (error: unknown) => void,
): TransformStream<Uint8Array, Uint8Array> {
  const free = () => library.call(`${name}_free`, handle);
  const guarded = (work: () => void) => {
    try {
      work();
    } catch (error) {
      free();
      failed(error);
      throw error;
    }
  };
  const push = (bytes: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>) => {
    let rest = bytes;
    for (;;) {
      const piece = rest.subarray(0, PIECE);
      let taken = 0;
      const moved = library.lend((lent) => {
        const out = lent.room(8);
        const chunk = lent.bytes(piece);
        taken = lent.result((to) => library.check(`${name}_update`, handle, chunk, piece.length, to, out));
        const [data, length] = [library.view.getUint32(out, true), library.view.getUint32(out + 4, true)];
        if (length > 0) controller.enqueue(library.copy(data, length));
        return taken + length;
      });
      rest = rest.subarray(taken);
      if (moved === 0) return;
    }
  };
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => guarded(() => push(chunk, controller)),
    flush: (controller) =>
      guarded(() => {
        push(new Uint8Array(), controller);
        end();
        free();
      }),
  });
}

function withKey<Result>(
  library: Library, profile: ProfileName, { key, iv }: FileKey, use: (handle: number) => Result,
): Result {
  return library.lend((lent) => {
    const [first, second] = [lent.exactly(key, 32), lent.exactly(iv, 32)];
    const handle = lent.result((out) =>
      library.check("sc_media_key_from_parts", codeOf(Profile, profile), first, second, out),
    );
    try {
      return use(handle);
    } finally {
      library.call("sc_media_key_free", handle);
    }
  });
}

function takenKey(library: Library, handle: number): FileKey {
  const half = (name: string) =>
    library.lend((lent) => {
      const out = lent.room(8);
      library.call(name, out, handle);
      return library.copy(library.view.getUint32(out, true), library.view.getUint32(out + 4, true));
    });
  const key = { key: half("sc_media_key_key"), iv: half("sc_media_key_iv") };
  library.call("sc_media_key_free", handle);
  return key;
}
