/**
 * Runs `job` every `intervalMs`, one run at a time: what takes longer skips its next turns. Failures go to `onFault`.
 * Does not keep the process alive. `stop` resolves when nothing runs any more.
 */
export function every(
  intervalMs: number,
  job: () => Promise<void>,
  onFault: (error: unknown) => void,
): { stop(): Promise<void> } {
  let running: Promise<void> | null = null
  const timer = setInterval(() => {
    running ??= job()
      .catch(onFault)
      .finally(() => {
        running = null
      })
  }, intervalMs)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
