import { copy } from "../parts/lines.tsx";
import { useMe } from "../parts/me.tsx";
import { Do } from "../parts/page.tsx";
import { twoFactor } from "../words/factors.ts";

/** Shown once: to be copied, saved or printed, and then put away. */
export function BackupCodes({ codes, kept }: { codes: readonly string[]; kept: () => void }) {
  const t = twoFactor();
  const { user } = useMe();
  const text = `${t.fileTitle(user.username)}\n${location.origin}\n\n${codes.join("\n")}\n`;
  return (
    <div class="stack">
      <h3>{t.codesTitle}</h3>
      <p>{t.codesIntro}</p>
      <ol class="codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <div class="row tight">
        <Do class="quiet small" act={() => copy(text)}>
          {t.copyCodes}
        </Do>
        <button type="button" class="quiet small" onClick={() => save(text)}>
          {t.saveCodes}
        </button>
        <button type="button" class="quiet small" onClick={() => print()}>
          {t.printCodes}
        </button>
      </div>
      <div class="row tight">
        <button type="button" onClick={kept}>
          {t.kept}
        </button>
      </div>
    </div>
  );
}

function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = "housekey-backup-codes.txt";
  link.click();
  URL.revokeObjectURL(url);
}
