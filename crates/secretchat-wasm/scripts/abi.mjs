// Writes src/abi.ts from secretchat.h: the numbers of the C interface with their names, and where the fields of its structs
// are in the memory of wasm32. `--check` compares instead.
import { readFileSync, writeFileSync } from "node:fs";

const header = readFileSync(new URL("../../secretchat-ffi/include/secretchat.h", import.meta.url), "utf8");
const target = new URL("../src/abi.ts", import.meta.url);
const text = header.replace(/\/\*(?!\* `)[\s\S]*?\*\//g, "");

const SCALARS = {
  uint8_t: [1, "boolean"], uint16_t: [2, "number"], uint32_t: [4, "number"], int32_t: [4, "number"], ScStatus: [4, "number"],
  size_t: [4, "number"], uint64_t: [8, "bigint"], int64_t: [8, "bigint"], double: [8, "number"],
};
const KINDS = {
  uint8_t: "flag", uint16_t: "u16", uint32_t: "u32", int32_t: "i32", ScStatus: "i32", size_t: "u32",
  uint64_t: "u64", int64_t: "i64", double: "f64",
};
const COUNTS = new Set(["times"]); // a byte that is a number, not a flag

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/(?<!^)([A-Z])/g, "_$1").toUpperCase();

const numbers = Object.fromEntries([...text.matchAll(/#define (SC_\w+) (\w+)/g)].map(([, name, value]) => [name, value]));
const enums = new Map();
for (const [, title, body] of header.matchAll(/\/\*\* `(\w+)` of the Rust documentation\. \*\/\nenum \{\n([\s\S]*?)\};/g)) {
  const prefix = `SC_${snake(title)}_`;
  enums.set(title, [...body.matchAll(/(SC_\w+) = (\d+)/g)].map(([, name, value]) => [value, name.slice(prefix.length)]));
}
for (const [title, prefix] of [["Profile", "SC_PROFILE_"], ["Frame", "SC_FRAME_"], ["Misuse", "SC_ERROR_"]]) {
  // 0 is none of them, and a length is none either.
  const own = Object.entries(numbers).filter(([name, value]) => name.startsWith(prefix) && value !== "0" && !name.endsWith("_LEN"));
  enums.set(title, own.map(([name, value]) => [value, name.slice(prefix.length)]));
}

const structs = new Map();
for (const [, name, body] of text.matchAll(/typedef struct (\w+) \{\n([\s\S]*?)\} \1;/g)) {
  if (name === "ScBytes" || name === "ScIds") continue; // read as bytes and as ids
  const declared = [...body.matchAll(/^ {2}(.+?)(\w+)(?:\[(\w+)\])?;$/gm)].map(([, type, field, length]) => [type.trim(), field, length]);
  const fields = [];
  let [end, align] = [0, 1];
  for (const [type, field, length] of declared) {
    const [, pointee] = type.match(/^const struct (\w+) \*$/) ?? [];
    const inner = type.replace(/^struct /, "");
    let size, unit, kind, shape;
    if (length !== undefined) {
      [size, unit, kind, shape] = [Number(numbers[length] ?? length), 1, `bytes:${numbers[length] ?? length}`, "Uint8Array"];
    } else if (pointee) {
      const isList = declared.some(([, other]) => other === `${field.replace(/ies$/, "y").replace(/s$/, "")}_count`);
      const count = `${field.replace(/ies$/, "y").replace(/s$/, "")}_count`;
      const isHandle = pointee === "ScGroup";
      [size, unit] = [4, 4];
      kind = isHandle ? "u32" : isList ? `list:${pointee}:${camel(count)}` : `pointer:${pointee}`;
      shape = isHandle ? "number" : isList ? `${pointee}[]` : `${pointee} | null`;
    } else if (inner === "ScBytes") [size, unit, kind, shape] = [8, 4, "bytes", "Uint8Array | null"];
    else if (inner === "ScIds") [size, unit, kind, shape] = [8, 4, "ids", "bigint[]"];
    else if (structs.has(inner)) {
      const { size: nested, align: its } = structs.get(inner);
      [size, unit, kind, shape] = [nested, its, `struct:${inner}`, inner];
    } else if (COUNTS.has(field)) [size, unit, kind, shape] = [1, 1, "u8", "number"];
    else if (SCALARS[type]) [[size, shape], kind] = [SCALARS[type], KINDS[type]], (unit = size);
    else throw new Error(`${name}.${field}: what is ${type}?`);
    const offset = Math.ceil(end / unit) * unit;
    fields.push([camel(field), offset, kind, shape]);
    [end, align] = [offset + size, Math.max(align, unit)];
  }
  structs.set(name, { size: Math.ceil(end / align) * align, align, fields });
}

const lines = ["// Written by scripts/abi.mjs from secretchat.h. Do not edit.", ""];
for (const [title, values] of enums) {
  const pairs = values.map(([value, name]) => `  ${value}: "${name.toLowerCase()}",`);
  lines.push(`export const ${title} = {`, ...pairs, "} as const;", `export type ${title}Name = (typeof ${title})[keyof typeof ${title}];`, "");
}
for (const [name, { fields }] of structs) {
  lines.push(`export interface ${name} {`, ...fields.map(([field, , , shape]) => `  ${field}: ${shape};`), "}", "");
}
lines.push("/** Where the fields of each struct are: name, offset and kind. */", "export const STRUCTS = {");
for (const [name, { size, fields }] of structs) {
  const inner = fields.map(([field, offset, kind]) => `      ["${field}", ${offset}, "${kind}"],`);
  lines.push(`  ${name}: {`, `    size: ${size},`, "    fields: [", ...inner, "    ],", "  },");
}
lines.push("} as const;", "", "export interface Structs {", ...[...structs.keys()].map((name) => `  ${name}: ${name};`), "}", "");
const names = [...text.matchAll(/^(?!static)\w[\w ]*?[ *](sc_\w+)\(/gm)].map(([, name]) => name);
lines.push("/** The functions of the header that the module has. */", "export const FUNCTIONS = [");
lines.push(...names.filter((name) => name !== "sc_env_system").map((name) => `  "${name}",`), "] as const;", "");

const written = lines.join("\n");
if (process.argv[2] === "--check") {
  if (readFileSync(target, "utf8") !== written) throw new Error("src/abi.ts is stale: run `npm run abi`");
} else writeFileSync(target, written);
