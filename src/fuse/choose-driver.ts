import type { Driver } from './driver.ts'
import { KernelDriver } from './kernel/kernel-driver.ts'
import { NativeDriver } from './native/native-driver.ts'

/** What `--driver` may say. */
export const driverNames = ['auto', 'kernel', 'fuse-native'] as const
export type DriverName = (typeof driverNames)[number]

/** The driver of that name; `auto` is the kernel driver on Linux and fuse-native elsewhere. Nothing is loaded before it mounts. */
export function chooseDriver(
  name: DriverName,
  platform: NodeJS.Platform = process.platform,
): Driver {
  const isKernel = name === 'kernel' || (name === 'auto' && platform === 'linux')
  return isKernel ? new KernelDriver() : new NativeDriver()
}
