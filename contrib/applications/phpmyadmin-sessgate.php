<?php
/*
 * phpMyAdmin behind the gate: which MariaDB account the visitor has.
 *
 * $cfg['Servers'][1]['SignonScript'] names this file, and
 * /etc/phpmyadmin/sessgate-accounts.php (root:www-data, 0640) returns
 *   ['boss@example.org' => ['dbadmin', 'its password'], ...]
 * See doc/applications/phpmyadmin.md.
 */

use PhpMyAdmin\Session;

function sessgate_refuse(string $why): void
{
    header('Cache-Control: no-store', true, 403);
    header('Content-Type: text/plain; charset=utf-8');
    exit($why);
}

/*
 * phpMyAdmin's session (what it knows of an account, the token of its forms)
 * is good in one session of the gate only.
 */
function sessgate_bind_session(): void
{
    $session = $_SERVER['SESSGATE_SESSION'] ?? '';
    if (($_SESSION['sessgate'] ?? '') === $session) {
        return;
    }
    if ($_SERVER['REQUEST_METHOD'] !== 'GET') {
        sessgate_refuse('Another login since: load the page again.');
    }
    Session::secure();
    $_SESSION['sessgate'] = $session;
}

/*
 * Called by phpMyAdmin; an empty name leads to SignonURL.  Who is logged in and
 * has no account is refused: a redirect would lead in a circle.
 */
function get_login_credentials($user)
{
    sessgate_bind_session();
    if (($_SERVER['SESSGATE_USER_ID'] ?? '') === '') {
        return ['', ''];
    }
    $accounts = require $GLOBALS['cfg']['Server']['sessgate_accounts']
        ?? '/etc/phpmyadmin/sessgate-accounts.php';
    return $accounts[$_SERVER['REMOTE_USER']]
        ?? sessgate_refuse('This account has no database.');
}
