/** Where a start tells a person what it does. */
export interface Screen {
  say: (line: string) => void;
  /** Shows that something long is still going on, with its age in seconds, until the returned function is called. */
  busy: (text: string) => () => void;
}

const REWRITE_MS = 1_000;
const REPEAT_MS = 10_000;

/** On a terminal a waiting line is rewritten every second; elsewhere it is repeated every ten, so that a CI log shows life. */
export function createScreen(out: NodeJS.WriteStream = process.stdout): Screen {
  const say = (line: string): void => void out.write(`${line}\n`);
  function busy(text: string): () => void {
    const started = Date.now();
    const show = () => {
      const line = `  … ${text} (${Math.round((Date.now() - started) / 1_000)} s)`;
      if (out.isTTY) out.write(`\r\u001B[K${line}`);
      else say(line);
    };
    show();
    const timer = setInterval(show, out.isTTY ? REWRITE_MS : REPEAT_MS);
    return () => {
      clearInterval(timer);
      if (out.isTTY) out.write('\r\u001B[K');
    };
  }
  return { say, busy };
}
