/**
 * Loaded into a daemon by `--import`: from one SIGUSR2 to the next it measures how late its event loop is, and then writes
 * that into the file that WALRUSFS_LOOP_PROBE names.
 */
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

const path = process.env['WALRUSFS_LOOP_PROBE']
const resolution = 1

function install(into: string): void {
  const delay = monitorEventLoopDelay({ resolution })
  let isMeasuring = false
  const late = (ns: number): number => Math.max(0, ns / 1e6 - resolution)
  process.on('SIGUSR2', () => {
    isMeasuring = !isMeasuring
    if (isMeasuring) {
      delay.reset()
      delay.enable()
      return
    }
    delay.disable()
    const [p50, p99] = [late(delay.percentile(50)), late(delay.percentile(99))]
    writeFileSync(`${into}.new`, JSON.stringify({ p50, p99, longest: late(delay.max) }))
    renameSync(`${into}.new`, into)
  })
}

if (isMainThread && path !== undefined) install(path)
