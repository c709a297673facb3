/** Milliseconds to wait before attempt `attempt` (from 0): doubling from 0.5 s to 20 s, half of it chance, so that a
 * restarted server is not met by everybody at once. */
export function backoff(attempt: number, chance: () => number = Math.random): number {
  const whole = Math.min(20_000, 500 * 2 ** attempt);
  return whole / 2 + (whole / 2) * chance();
}

/** A pause that can be cut short. */
export class Pause {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private done: (() => void) | undefined;

  wait(ms: number): Promise<void> {
    this.end();
    return new Promise((resolve) => {
      this.done = resolve;
      this.timer = setTimeout(() => this.end(), ms);
    });
  }

  end(): void {
    clearTimeout(this.timer);
    const done = this.done;
    this.done = undefined;
    done?.();
  }
}
