const openedDevice = /^\/dev\/fd\/(\d+)$/

/**
 * `mount -t fuse.walrusfs DRIVE DIR` and fstab lines of that type reach a program as mount.fuse3(8) calls every file
 * system: `walrusfs DRIVE DIR -o OPTIONS`, without a command; with `drop_privileges`, DIR is a `/dev/fd/N` that is mounted
 * already. These become `mount --quiet DRIVE DIR …`, since helpers of mount(8) say nothing where nothing went wrong;
 * everything else stays as it is.
 */
export function withoutHelperCall(
  args: readonly string[],
  commands: ReadonlySet<string>,
): readonly string[] {
  const [first, second, ...rest] = args
  if (first === undefined || second === undefined || first.startsWith('-')) return args
  if (commands.has(first) || second.startsWith('-')) return args
  const asHelpersDo = rest[0] === '-o' || openedDevice.test(second)
  return asHelpersDo ? ['mount', '--quiet', ...args] : args
}

/** The descriptors that such arguments name: whoever starts the daemon must hand them on. */
export function descriptorsIn(args: readonly string[]): number[] {
  return args.flatMap((argument) => openedDevice.exec(argument)?.[1] ?? []).map(Number)
}
