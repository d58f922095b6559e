import type { RolloutEvent } from "../core/rollout/events.ts";
import { ProgressView, type ShownRollout } from "../core/view/progress-view.ts";
import { renderProgress, viewMarks } from "../core/view/render-progress.ts";
import { painted } from "./colors.ts";
import { untilDrained } from "./drain.ts";
import { eventLines } from "./event-lines.ts";
import { HeldLines, type Line } from "./held-lines.ts";
import { linePrinter } from "./line-printer.ts";
import type { RolloutSink } from "./rollout-sink.ts";
import { Screen } from "./screen.ts";
import type { ScreenStream, ViewTerminal } from "./terminal.ts";

/** How long a frame stays at least, in milliseconds: more of them nobody can read. */
const frameMs = 150;

/** How long it stays at most: times go on although nothing happens. */
const tickMs = 1_000;

/** What the view shows is not told in lines that stay, too. */
const shownByView: ReadonlySet<RolloutEvent["type"]> = new Set(["step-started", "gate-waiting"]);

interface LiveOptions {
  readonly environment: string;
  /** What the steps print is a line that stays, too. */
  readonly printsOutput: boolean;
}

/** Keeps the last lines of a terminal for what goes on, and prints above them what happened and is worth keeping. */
export function liveSink(terminal: ViewTerminal, options: LiveOptions): RolloutSink {
  const sink = new LiveSink(terminal, options);
  return {
    begin: (shown, now) => sink.begin(shown, now),
    on: (event) => sink.on(event),
    tell: (text) => sink.tell(text),
    // Where their output is not shown, no step waits for a screen.
    congested: () => (options.printsOutput ? untilDrained(terminal.stream) : undefined),
    pause: () => sink.pause(),
    resume: () => sink.resume(),
    close: () => sink.close(),
  };
}

interface ShownView {
  readonly state: ProgressView;
  readonly now: () => number;
}

class LiveSink {
  readonly #terminal: ViewTerminal;
  readonly #printEvent: (event: RolloutEvent) => void;
  readonly #screen: Screen;
  /** Puts lines above the next frame. */
  readonly #printer: (line: Line) => void;
  #view: ShownView | undefined;
  #isBlind = false;
  /** What waits while a question stands. */
  #held: HeldLines | undefined;
  /** What is printed with the next frame. */
  #above = "";
  #next: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  #drawnAt = Number.NEGATIVE_INFINITY;
  readonly #onResize = () => this.#drawSoon();
  /** It was stopped, and others have written since. */
  readonly #onContinue = () => {
    this.#screen.leave();
    this.#drawSoon();
  };

  constructor(terminal: ViewTerminal, { environment, printsOutput }: LiveOptions) {
    this.#terminal = terminal;
    this.#printEvent = eventLines({
      environment,
      isKept: ({ type }) => (type === "step-printed" ? printsOutput : !shownByView.has(type)),
      print: (line) => this.#print(line),
    });
    this.#screen = new Screen(terminal.stream);
    this.#printer = linePrinter(terminal.stream, (text) => {
      this.#above += text;
    });
  }

  begin(shown: ShownRollout, now: () => number): void {
    this.#view = { state: new ProgressView(shown), now };
    this.#terminal.stream.on("resize", this.#onResize);
    process.on("SIGCONT", this.#onContinue);
    this.#terminal.divert((text) => this.#write(text));
  }

  on(event: RolloutEvent): void {
    this.#look(({ state, now }) => state.on(event, now()));
    this.#printEvent(event);
    if (event.type === "rollout-finished") this.close();
    else this.#drawSoon();
  }

  tell(text: string): void {
    if (this.#held) return;
    this.#printer(["info", text]);
    this.#draw();
  }

  pause(): void {
    if (this.#held) return;
    this.#cancel();
    this.#screen.draw(this.#takeAbove(), []);
    this.#held = new HeldLines();
  }

  resume(): void {
    if (!this.#held) return;
    for (const line of this.#held.all()) this.#printer(line);
    this.#held = undefined;
    // Without a frame: the next question may come at once.
    this.#screen.draw(this.#takeAbove(), []);
    this.#drawSoon();
  }

  close(): void {
    if (!this.#view) return;
    this.#view = undefined;
    this.#cancel();
    this.#terminal.stream.off("resize", this.#onResize);
    process.off("SIGCONT", this.#onContinue);
    this.#terminal.divert(undefined);
    if (!this.#held) this.#screen.draw(this.#takeAbove(), []);
  }

  #print(line: Line): void {
    if (this.#held) this.#held.hold(line);
    else this.#printer(line);
  }

  /** At once: whoever says it may be about to end. */
  #write(text: string): void {
    if (this.#held) {
      this.#terminal.stream.write(text);
      return;
    }
    this.#above += text;
    this.#draw();
  }

  /** Soon, and once for all that happens until then. */
  #drawSoon(): void {
    this.#plan(Math.max(0, frameMs - (performance.now() - this.#drawnAt)));
  }

  #plan(ms: number): void {
    if (!this.#view || this.#held) return;
    const at = performance.now() + ms;
    if (this.#next && this.#next.at <= at) return;
    this.#cancel();
    this.#next = { at, timer: setTimeout(() => this.#draw(), ms) };
    // A picture keeps nobody from ending.
    this.#next.timer.unref();
  }

  #cancel(): void {
    clearTimeout(this.#next?.timer);
    this.#next = undefined;
  }

  #draw(): void {
    this.#cancel();
    // A terminal that takes no more for now does not miss a frame, but would miss a line.
    if (this.#above !== "" || !this.#terminal.stream.writableNeedDrain) this.#drawOn(this.#frame());
    this.#drawnAt = performance.now();
    this.#plan(tickMs);
  }

  #drawOn(frame: readonly string[]): void {
    this.#screen.draw(this.#takeAbove(), frame);
  }

  #frame(): readonly string[] {
    const { columns, rows } = this.#screen;
    const lines =
      this.#look(({ state, now }) => renderProgress(state, { columns, rows, nowMs: now() })) ?? [];
    return lines.map((line) => paintLine(line, this.#terminal.stream));
  }

  /** A fault of ours in a picture ends no rollout: it goes on in lines. */
  #look<Seen>(look: (view: ShownView) => Seen): Seen | undefined {
    if (!this.#view || this.#isBlind) return undefined;
    try {
      return look(this.#view);
    } catch (error) {
      this.#isBlind = true;
      this.#print(["warn", `the view is given up, as of a bug in it: ${String(error)}; the rollout goes on`]);
      return undefined;
    }
  }

  #takeAbove(): string {
    const above = this.#above;
    this.#above = "";
    return above;
  }
}

const colors = new Map<string, Parameters<typeof painted>[1]>([
  [viewMarks.done, "green"],
  [viewMarks.current, "cyan"],
  [viewMarks.failed, "red"],
  [viewMarks.warning, "yellow"],
]);

/** The mark before a line, and the rule above all of them. */
function paintLine(line: string, stream: ScreenStream): string {
  if (line.startsWith("─")) return painted(line, "dim", stream);
  const color = line[1] === " " ? colors.get(line[0] ?? "") : undefined;
  return color === undefined ? line : `${painted(line[0] ?? "", color, stream)}${line.slice(1)}`;
}
