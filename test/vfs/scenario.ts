import { test } from 'tap'
import type { Test } from 'tap'
import { Drive } from './drive.ts'
import type { DriveOptions } from './drive.ts'

/** A test that runs twice: on a drive whose tree is in memory, and on one that has to load it first. */
export function scenario(
  name: string,
  body: (t: Test, drive: Drive) => Promise<void>,
  options: DriveOptions = {},
): void {
  test(name, async (t) => body(t, new Drive(options)))
  test(`${name} (loaded first)`, async (t) => body(t, new Drive({ ...options, lazy: true })))
}
