/**
 * A real provider (node-oidc-provider, certified) as a process of its own: `bun oidc-provider.ts '<options as JSON>'`.
 * Its own development pages ask for a name and a consent; any name is somebody.
 */
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import Provider from "oidc-provider";

export interface RealOptions {
  readonly port: number;

  /** As the house is told to call it. */
  readonly issuer: string;

  readonly redirectUri: string;

  /** Null: a public client. */
  readonly secret: string | null;

  readonly alg: "RS256" | "ES256";

  /** Addresses in the ID token too, not in userinfo alone. */
  readonly claimsInIdToken: boolean;

  readonly emailVerified: boolean;
  readonly tls?: { readonly cert: string; readonly key: string };
}

const argument = process.argv[2];
if (import.meta.main && argument !== undefined) await serve(JSON.parse(argument));

async function serve(options: RealOptions): Promise<void> {
  const { generateKeyPair, exportJWK } = await import("jose");
  const { privateKey } = await generateKeyPair(options.alg, { extractable: true });
  const provider = new Provider(options.issuer, {
    clients: [
      {
        client_id: "housekey",
        redirect_uris: [options.redirectUri],
        id_token_signed_response_alg: options.alg,
        ...(options.secret === null
          ? { token_endpoint_auth_method: "none" }
          : { client_secret: options.secret, token_endpoint_auth_method: "client_secret_basic" }),
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: "sig", alg: options.alg }] },
    cookies: { keys: ["a key for cookies"] },
    conformIdTokenClaims: !options.claimsInIdToken,
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    pkce: { required: () => true },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: options.emailVerified,
        name: `The one and only ${id}`,
        preferred_username: id,
      }),
    }),
  });
  const answer = provider.callback();
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  server.listen(options.port, "127.0.0.1", () => process.stdout.write("listening\n"));
}
