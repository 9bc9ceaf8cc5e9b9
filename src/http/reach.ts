/**
 * Elysia looks for the path behind the 11th character of a URL, so that `http://nas/` and `https://pi/` would be
 * all host; and a request without Host (HTTP/1.0) has a path alone. Such a URL is lengthened before Elysia sees it.
 *
 * The request itself stays the same object: the runtime knows by it which connection it came on.
 */
export function makeReachable(request: Request): Request {
  const { url } = request;
  const path = url.startsWith("/") ? 0 : url.indexOf("/", 8);
  if (path < 11)
    Object.defineProperty(request, "url", { value: `http://short-host.invalid${url.slice(path)}` });
  return request;
}
