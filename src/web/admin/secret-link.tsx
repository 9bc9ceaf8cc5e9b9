import { Lines } from "../parts/lines.tsx";
import { shell } from "../words/shell.ts";

interface SecretLinkProps {
  readonly label: string;
  readonly intro: string;
  readonly url: string;
  readonly close: () => void;
}

/** A link that is shown once, to be passed on. */
export const SecretLink = ({ label, intro, url, close }: SecretLinkProps) => (
  <div class="callout good" role="status">
    <p>{intro}</p>
    <Lines label={label} text={url} />
    <div class="row tight">
      <button type="button" class="quiet small" onClick={close}>
        {shell().close}
      </button>
    </div>
  </div>
);
