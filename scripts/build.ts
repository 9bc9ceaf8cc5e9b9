import { compile } from "./compile.ts";

await compile({ outfile: "dist/housekey" });
console.log("built dist/housekey");
