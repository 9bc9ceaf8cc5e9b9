/** A process that has the data folder in FOLDER, as a server has, until it is killed. */
import { lockFolder } from "../../src/host/folder.ts";

const unlock = lockFolder(process.env.FOLDER ?? "");
process.stdout.write("held\n");
process.stdin.resume();
process.stdin.once("end", () => {
  unlock();
  process.exit(0);
});
