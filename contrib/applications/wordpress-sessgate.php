<?php
/*
 * WordPress behind the gate: the visitor is whom the gate names, nobody else.
 *
 * As wp-content/mu-plugins/sessgate.php, with etc/sql/wordpress.conf in
 * sessgate.conf, so that SESSGATE_USER_ID is the ID of wp_users.
 * See doc/applications/wordpress.md.
 */

defined('ABSPATH') || exit;

const SESSGATE_PATH = '/sessgate'; // [server] mount

/*
 * The ID that the gate names, 0 for nobody.  The environment is the web
 * server's: a client can set no name that does not begin with HTTP_.
 */
function sessgate_user_id(): int
{
    $id = $_SERVER['SESSGATE_USER_ID'] ?? '';
    return ctype_digit($id) ? (int) $id : 0;
}

function sessgate_url(string $page, string $next): string
{
    return SESSGATE_PATH . $page . '?next=' . rawurlencode($next);
}

/* Path and query of a URL of this site, else the front page. */
function sessgate_local(string $url): string
{
    $url = wp_validate_redirect($url, home_url('/'));
    $path = parse_url($url, PHP_URL_PATH) ?: '/';
    $query = parse_url($url, PHP_URL_QUERY);
    return $query ? "$path?$query" : $path;
}

// WordPress's own cookies say nothing, and none is set.
add_filter('determine_current_user', fn() => sessgate_user_id(), PHP_INT_MAX);
add_filter('send_auth_cookies', '__return_false', PHP_INT_MAX);

/*
 * wp-admin asks for WordPress's cookie here; the gate has asked for its own.
 * A user of the gate whom WordPress does not know is refused: a redirect would
 * lead in a circle.
 */
function auth_redirect()
{
    if (is_user_logged_in()) {
        return;
    }
    if (sessgate_user_id() !== 0) {
        wp_die('This account is unknown here.', 403);
    }
    nocache_headers();
    wp_redirect(sessgate_url('/login', $_SERVER['REQUEST_URI']), 303);
    exit;
}

/*
 * The REST API asks for a nonce only where WordPress's own cookie named the
 * user (rest_cookie_check_errors, priority 100).  A cookie named this one as
 * well: without the nonce another site's form could act for the user.
 */
add_filter('rest_authentication_errors', function ($result) {
    if (is_user_logged_in()) {
        $GLOBALS['wp_rest_auth_cookie'] = true;
    }
    return $result;
}, 99);

// A nonce is good in one session only, as with WordPress's own cookie.
add_filter('salt', fn($salt, $scheme) => $scheme === 'nonce'
    ? $salt . ($_SERVER['SESSGATE_SESSION'] ?? '') : $salt, 10, 2);

// One login, one logout.
add_filter('login_url', fn($url, $redirect) =>
    sessgate_url('/login', sessgate_local($redirect ?: admin_url())),
    PHP_INT_MAX, 2);
add_filter('logout_url', fn($url, $redirect) =>
    sessgate_url('/logout', sessgate_local($redirect ?: home_url('/'))),
    PHP_INT_MAX, 2);
add_action('login_init', function () {
    $action = $_REQUEST['action'] ?? 'login';
    if ($action === 'postpass' || $action === 'confirm_admin_email') {
        return; // the password of a post; a question to who is logged in
    }
    $page = $action === 'logout' ? '/logout' : '/login';
    wp_redirect(sessgate_url($page, sessgate_local(
        (string) ($_REQUEST['redirect_to'] ?? admin_url()))), 303);
    exit;
});

// No other way to log in: xmlrpc.php, application passwords, wp_signon().
add_filter('authenticate', fn() => new WP_Error('sessgate',
    'Log in at ' . SESSGATE_PATH . '/login.'), PHP_INT_MAX);
add_filter('xmlrpc_enabled', '__return_false', PHP_INT_MAX);
add_filter('wp_is_application_passwords_available', '__return_false',
    PHP_INT_MAX);
