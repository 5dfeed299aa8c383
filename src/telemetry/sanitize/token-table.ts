import type { RuleRow } from './rule.ts';
import { prefixed, type TokenBody } from './tokens.ts';

/** Filler for examples: what stands in this file must look like a secret to nobody but us. */
export const SAMPLE = 'aB3cD4eF5gH6iJ7kL8mN9pQ0rS1tU2vW3xY4zA5bC6dE7fG8hJ9kL0mN1pQ2rS3t';
export const HEX = '0a1b2c3d4e5f60718293a4b5c6d7e8f9'.repeat(2);

/** A row for tokens with a prefix: `token(finds, prefixes, body, counter-example)`. */
const token = (finds: string, prefixes: string, body: TokenBody, counterExample: string): RuleRow => {
  const at = prefixes.split(' ');
  const alphabet = [HEX, SAMPLE, SAMPLE.toUpperCase()].find((text) =>
    new RegExp(`^[${body.of}]+$`).test(text),
  );
  return {
    name: `token ${at[0]}`,
    finds,
    at,
    isWord: true,
    rule: ({ trigger }) => prefixed(trigger, body),
    example: [`see ${at[0]}${alphabet?.slice(0, body.sure)}, too`, 'see [REDACTED], too'],
    counterExample,
  };
};

const WORD = '\\w';
const SLUG = '\\w-';
const DOTS = '\\w.-';
const ALNUM = 'A-Za-z0-9';
const LOWER_HEX = 'a-f0-9';
const body = (of: string, min: number, sure: number): TokenBody => ({ of, min, sure });

/** What a prefix gives away. The other rules are in `table.ts`. */
export const TOKENS: readonly RuleRow[] = [
  token('keys of OpenAI, Anthropic, OpenRouter and others', 'sk-', body(SLUG, 12, 20), 'sk-learn, sk-SK'),
  token('keys of Stripe', 'sk_live_ sk_test_ rk_live_ rk_test_ whsec_', body(WORD, 10, 20), 'sk_live_mode'),
  token('tokens of GitHub', 'ghp_ gho_ ghu_ ghs_ ghr_ github_pat_', body(WORD, 16, 20), 'ghp_short'),
  token(
    'tokens of GitLab',
    'glpat- gldt- glrt- glcbt- glptt- glsoat- glft- glagent-',
    body(DOTS, 12, 20),
    'glpat-x',
  ),
  token(
    'tokens of Slack',
    'xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-',
    body('\\w.%+/=-', 10, 20),
    'xoxo-love',
  ),
  token('keys of Google', 'AIza GOCSPX-', body(SLUG, 20, 30), 'AIza-short'),
  token('access tokens of Google', 'ya29.', body(DOTS, 16, 24), 'ya29.short'),
  token('refresh tokens of Google', '1//0', body(SLUG, 30, 40), 'a range of 1//0, or 1//0abc'),
  token(
    'tokens of npm and Hugging Face',
    'npm_ hf_',
    body(ALNUM, 20, 30),
    'npm_lifecycle_event hf_hub_download',
  ),
  token(
    'keys of model providers',
    'gsk_ xai- pplx- r8_ csk- tvly- fw_ e2b_',
    body(ALNUM, 20, 30),
    'fw_version',
  ),
  token('keys of SendGrid', 'SG.', body(DOTS, 20, 40), 'SG.Utils.Format'),
  token(
    'tokens of NVIDIA, PyPI, Docker, LangSmith, age',
    'nvapi- pypi- dckr_pat_ dckr_oat_ lsv2_pt_ lsv2_sk_ AGE-SECRET-KEY-',
    body(SLUG, 16, 24),
    'pypi-simple',
  ),
  token('tokens of Vault', 'hvs. hvb. hvr.', body(SLUG, 20, 24), 'hvs.example'),
  token('tokens of DigitalOcean', 'dop_v1_ doo_v1_ dor_v1_', body(LOWER_HEX, 32, 48), 'dop_v1_tokens'),
  token('tokens of Databricks', 'dapi', body(LOWER_HEX, 32, 32), 'dapi2 and dapifeed'),
  token('tokens of Shopify', 'shpat_ shpca_ shppa_ shpss_', body('A-Fa-f0-9', 20, 32), 'shpat_example'),
  token('tokens of Grafana', 'glsa_ glc_', body('\\w+/=', 20, 32), 'glc_entries'),
  token('tokens of Notion', 'ntn_ secret_', body(ALNUM, 40, 40), 'ntn_example secret_name'),
  token('tokens of Atlassian', 'ATATT3 ATCTT3 ATBB', body('\\w=-', 24, 32), 'ATBB-7'),
  token('keys of Twilio', 'SK', body(LOWER_HEX, 32, 32), 'SKU SKeleton SK0123'),
  token('keys of Mailgun', 'key-', body(LOWER_HEX, 32, 32), 'key-value'),
  token('tokens of Square', 'sq0atp- sq0csp- EAAA', body(SLUG, 22, 43), 'EAAAA'),
  token(
    'keys with a prefix of their own: Linear, Postman, PlanetScale, Supabase, Sentry, New Relic, Figma, HubSpot, Tailscale and others',
    'lin_api_ PMAK- pscale_tkn_ pscale_pw_ sbp_ sntrys_ sntryu_ NRAK- HRKU- figd_ pat-na1- pat-eu1- tskey- rubygems_ pul- bkua_ CFPAT- xkeysib- dp.pt.',
    body(`${SLUG}+/=`, 20, 32),
    'sbp_x pul-request tskey-auth',
  ),
];
