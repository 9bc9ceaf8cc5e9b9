/** Good news in a line at the foot of the page: seen for a while, and read out. */
import { useEffect, useState } from "preact/hooks";

const shownFor = 6000;
let show: (words: string) => void = () => {};

export const announce = (words: string): void => show(words);

export function News() {
  const [words, setWords] = useState("");
  useEffect(() => {
    // Emptied first: the same news twice is read out twice.
    show = (words) => {
      setWords("");
      setTimeout(() => setWords(words));
    };
  }, []);
  useEffect(() => {
    if (words === "") return;
    const timer = setTimeout(() => setWords(""), shownFor);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <p class="news" role="status">
      {words}
    </p>
  );
}
