/** A sentence with code in it: every second piece is code. */
export const Prose = ({ pieces }: { pieces: readonly string[] }) => (
  <>{pieces.map((piece, index) => (index % 2 === 0 ? piece : <code key={piece}>{piece}</code>))}</>
);
