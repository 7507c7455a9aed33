/** Every value of a JSON document by where it stands, with its type: `nodes[].name` is `string`. */
export function pathsOf(value: unknown, at = ''): Map<string, string> {
  const found = new Map<string, string>()
  const add = (more: Map<string, string>) => more.forEach((type, path) => found.set(path, type))
  if (Array.isArray(value)) {
    found.set(`${at}[]`, 'array')
    for (const element of value) add(pathsOf(element, `${at}[]`))
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, field] of Object.entries(value))
      add(pathsOf(field, at === '' ? key : `${at}.${key}`))
  } else {
    found.set(at, typeof value)
  }
  return found
}
