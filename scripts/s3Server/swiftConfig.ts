/** The account of `npm run s3:server`. Each account has separate buckets. */
export const ACCOUNT = 'test';
export const accessKeyOf = (account: string): string => `${account}:tester`;
export const SECRET_ACCESS_KEY = 'testing';
export const REGION = 'us-east-1';

/** The servers behind the proxy, each with the name of its ring. */
export const STORAGE = ['account', 'container', 'object'] as const;

export interface SwiftPlan {
  readonly folder: string;
  readonly user: string;
  readonly accounts: readonly string[];
  readonly ports: Readonly<Record<(typeof STORAGE)[number] | 'proxy' | 'memcached', number>>;
}

const hashes = `[swift-hash]
swift_hash_path_suffix = millrace
swift_hash_path_prefix = millrace
[storage-policy:0]
name = one
default = yes
`;

const common = ({ folder, user }: SwiftPlan, port: number): string => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${user}
swift_dir = ${folder}/etc
log_address = ${folder}/no-syslog
`;

const storage = (plan: SwiftPlan, name: (typeof STORAGE)[number]): string => `${common(plan, plan.ports[name])}
devices = ${plan.folder}/srv
mount_check = false
recon_cache_path = ${plan.folder}/run
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;

const filter = (name: string, egg: string, ...lines: string[]): string =>
  [`[filter:${name}]`, `use = egg:swift#${egg}`, ...lines, ''].join('\n');

const proxy = (plan: SwiftPlan): string => `${common(plan, plan.ports.proxy)}
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth bulk slo symlink versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
${filter('catch_errors', 'catch_errors')}
${filter('cache', 'memcache', `memcache_servers = 127.0.0.1:${plan.ports.memcached}`)}
${filter('listing_formats', 'listing_formats')}
${filter('s3api', 's3api', 's3_acl = false', `location = ${REGION}`)}
${filter('tempauth', 'tempauth', ...plan.accounts.map((account) => `user_${account}_tester = ${SECRET_ACCESS_KEY} .admin`))}
${filter('bulk', 'bulk')}
${filter('slo', 'slo')}
${filter('symlink', 'symlink')}
${filter('versioned_writes', 'versioned_writes', 'allow_object_versioning = true')}
`;

export function swiftConfig(plan: SwiftPlan): Readonly<Record<string, string>> {
  return {
    'swift.conf': hashes,
    'proxy.conf': proxy(plan),
    ...Object.fromEntries(STORAGE.map((name) => [`${name}.conf`, storage(plan, name)])),
  };
}
