/** Another process on the same database: it knows SQLite and nothing of ours. */

/** Runs `sql` there, to its end. */
export async function elsewhere(database: string, sql: string): Promise<void> {
  const code = `
    const { Database } = require("bun:sqlite");
    const db = new Database(process.env.DATABASE, { readwrite: true, create: false });
    db.run("PRAGMA busy_timeout = 5000");
    db.run(process.env.STATEMENTS);
    db.close();
  `;
  const child = Bun.spawn([process.execPath, "-e", code], {
    env: { ...process.env, DATABASE: database, STATEMENTS: sql },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [exitCode, complaint] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (exitCode !== 0) throw new Error(`the other process failed: ${complaint}`);
}
