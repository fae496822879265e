// The program of README.md does what the page says: it is compiled and run as it stands there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

test("the program of the README", () => {
  const [, program] = readFileSync("README.md", "utf8").match(/```ts\n([\s\S]*?)```/)!;
  mkdirSync("out/readme", { recursive: true });
  writeFileSync("out/readme/program.ts", program!);
  const options = { extends: "../../tsconfig.json", compilerOptions: { rootDir: ".", outDir: ".", declaration: false }, include: ["."], exclude: [] };
  writeFileSync("out/readme/tsconfig.json", JSON.stringify(options));
  execFileSync("npx", ["tsc", "-p", "out/readme"], { stdio: "inherit" });
  assert.equal(execFileSync("node", ["out/readme/program.js"], { encoding: "utf8" }), "my cat the bytes of a photo\n");
});
