<?php
// The same work in PHP, as a careful site would do it: phpredis over a kept
// link, sessions and cached users as JSON, two GETs for a cached user.
// REDIS_SOCKET, MYSQL_SOCKET: the unix sockets of the two.

const WEEK = 604800;
const FIVE_MINUTES = 300;
const COOKIE = 'SESSION-TOKEN';

function say(int $status, array $body, array $more = []): never
{
    $text = json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    http_response_code($status);
    header('Content-Type: application/json; charset=utf-8');
    header('Cache-Control: no-store');
    header('Vary: Cookie');
    header('X-Content-Type-Options: nosniff');
    foreach ($more as $line) {
        header($line, false);
    }
    header('Content-Length: ' . strlen($text));
    echo $text;
    exit;
}

function store(): Redis
{
    static $redis = null;
    if ($redis === null) {
        $redis = new Redis();
        $redis->pconnect(getenv('REDIS_SOCKET'));
    }
    return $redis;
}

function row(string $sql, string $kind, $value): ?array
{
    static $link = null;
    $link ??= new mysqli('p:localhost', 'bench', 'bench', 'bench', 0,
        getenv('MYSQL_SOCKET'));
    $statement = $link->prepare($sql);
    $statement->bind_param($kind, $value);
    $statement->execute();
    return $statement->get_result()->fetch_assoc();
}

function session(): array
{
    $token = $_COOKIE[COOKIE] ?? $_COOKIE['__Host-' . COOKIE] ?? '';
    if ($token === '') {
        say(401, ['message' => 'Authentication token missing']);
    }
    if (!preg_match('~^[A-Za-z0-9_.\~+/=-]{16,256}$~', $token)) {
        say(403, ['message' => 'Invalid or expired session']);
    }
    $text = store()->get('sess:' . $token);
    $session = $text === false ? null : json_decode($text, true);
    if (!isset($session['userId'])) {
        say(403, ['message' => 'Invalid or expired session']);
    }
    return $session;
}

function user(string $id): never
{
    if (session()['userId'] !== $id) {
        say(404, ['message' => 'User not found']);
    }
    $text = store()->get('user:' . $id);
    $cached = $text === false ? null : json_decode($text, true);
    if (is_array($cached)) {
        say(200, ['message' => 'User fetched (cache)', 'user' => $cached]);
    }
    $user = row('SELECT id, name, email, image FROM users WHERE id = ?', 'i',
        (int)$id);
    if ($user === null) {
        say(404, ['message' => 'User not found']);
    }
    $user['id'] = (string)$user['id'];
    store()->setEx('user:' . $id, FIVE_MINUTES, json_encode($user));
    say(200, ['message' => 'User fetched', 'user' => $user]);
}

function login(): never
{
    $asked = json_decode(file_get_contents('php://input'), true);
    $user = row('SELECT id, name, email, image, password FROM users'
        . ' WHERE email = ?', 's', $asked['email'] ?? '');
    $hash = hash('sha256', $asked['password'] ?? '');
    if ($user === null || !hash_equals($user['password'], $hash)) {
        say(401, ['message' => 'Invalid email or password']);
    }
    unset($user['password']);
    $user['id'] = (string)$user['id'];
    $token = rtrim(strtr(base64_encode(random_bytes(32)), '+/', '-_'), '=');
    store()->setEx('sess:' . $token, WEEK, json_encode([
        'userId' => $user['id'],
        'createdAt' => (int)(microtime(true) * 1000),
    ]));
    say(200, ['message' => 'Logged in successfully', 'user' => $user],
        ['Set-Cookie: ' . COOKIE . "=$token; Path=/; Max-Age=604800; "
            . 'HttpOnly; Secure; SameSite=Lax']);
}

function logout(): never
{
    $token = $_COOKIE[COOKIE] ?? '';
    $more = [];
    if ($token !== '') {
        store()->del('sess:' . $token);
        $more[] = 'Set-Cookie: ' . COOKIE . '=; Path=/; Expires=Thu, '
            . '01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; Secure; '
            . 'SameSite=Lax';
    }
    say(200, ['message' => 'Logged out successfully'], $more);
}

// Only the web server can set this: a client's headers arrive as HTTP_*.
if (($_SERVER['BENCH_ROLE'] ?? '') === 'gate') {
    header('X-User-Id: ' . session()['userId']);
    exit;
}
$path = preg_replace('~^/php~', '', strtok($_SERVER['REQUEST_URI'], '?'));
if (preg_match('~^/user/([1-9][0-9]{0,18})$~', $path, $match)) {
    user($match[1]);
}
match ($_SERVER['REQUEST_METHOD'] . " $path") {
    'POST /login' => login(),
    'POST /logout' => logout(),
    default => say(404, ['message' => 'Not found']),
};
