/** It comes without types, and one test process is all that talks to it. */
declare module "oidc-provider";
