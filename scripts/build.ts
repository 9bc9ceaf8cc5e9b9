import { $ } from "bun";

await $`${process.execPath} build --compile --bytecode --format=esm --minify-syntax --minify-whitespace --outfile dist/housekey src/main.ts`.quiet();
console.log("built dist/housekey");
