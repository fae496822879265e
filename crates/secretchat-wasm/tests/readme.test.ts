// The program of README.md does what the page says: it is compiled and run as it stands there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

const [, program] = readFileSync("README.md", "utf8").match(/```ts\n([\s\S]*?)```/)!;

test("a chat with a photo takes 20 lines", () => {
  const lines = program!.split("\n").filter((line) => line.trim() !== "");
  assert(lines.length <= 20, `${lines.length} lines`);
  assert(lines.every((line) => line.length <= 120));
});

test("the program of the README", () => {
  mkdirSync("out/readme", { recursive: true });
  writeFileSync("out/readme/program.ts", program!);
  const options = { extends: "../../tsconfig.json", compilerOptions: { rootDir: ".", outDir: ".", declaration: false }, include: ["."], exclude: [] };
  writeFileSync("out/readme/tsconfig.json", JSON.stringify(options));
  execFileSync("npx", ["tsc", "-p", "out/readme"], { stdio: "inherit" });
  assert.equal(execFileSync("node", ["out/readme/program.js"], { encoding: "utf8" }), "my cat the bytes of a photo\n");
});
