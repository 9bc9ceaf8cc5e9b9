import { act } from "../parts/act.ts";
import { Sure } from "../parts/dialog.tsx";
import { useMe } from "../parts/me.tsx";
import { Section } from "../parts/page.tsx";
import { account } from "../words/account.ts";

export function Leave() {
  const t = account();
  const { user } = useMe();
  const leave = async () => {
    const answer = await act("DELETE", "/auth/me");
    if (!answer.ok) return answer;
    location.replace("/login");
    return null;
  };
  return (
    <Section id="leave" title={t.leave} intro={t.leaveIntro}>
      <div class="row tight">
        <Sure
          button={`${t.leave} …`}
          class="quiet danger"
          title={<bdi>{t.leaveTitle(user.username)}</bdi>}
          yes={t.leaveYes}
          act={leave}
        >
          <p>{t.leaveText}</p>
        </Sure>
      </div>
    </Section>
  );
}
