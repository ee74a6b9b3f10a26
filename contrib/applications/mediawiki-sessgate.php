<?php
/*
 * MediaWiki (1.39 or later) behind the gate: the visitor is whom the gate
 * names, nobody else.
 *
 * At the end of LocalSettings.php: require '/path/of/mediawiki-sessgate.php';
 * with etc/sql/mediawiki.conf (or mediawiki139.conf) in sessgate.conf, so that
 * SESSGATE_USER_ID is the user_id of MediaWiki's table.
 * See doc/applications/mediawiki.md.
 */

use MediaWiki\Session\CookieSessionProvider;
use MediaWiki\Session\SessionInfo;
use MediaWiki\Session\UserInfo;

const SESSGATE_PATH = '/sessgate'; // [server] mount

/* The user_id that the gate names, '' for nobody.  A client cannot set it. */
function sessgate_user_id()
{
    return $_SERVER['SESSGATE_USER_ID'] ?? '';
}

/*
 * A visitor's session in MediaWiki has no cookie: its id is made of the name of
 * the gate's session, so that the next login finds nothing of the one before.
 * Visitors without a login have MediaWiki's own session, which names nobody.
 */
class SessgateSessionProvider extends CookieSessionProvider
{
    public function provideSessionInfo($request)
    {
        $id = sessgate_user_id();
        if ($id === '') {
            return parent::provideSessionInfo($request);
        }
        try {
            $user = UserInfo::newFromId((int) $id, true);
        } catch (InvalidArgumentException $unknown) {
            header('Cache-Control: no-store', true, 403);
            exit('This account is unknown here.');
        }
        return new SessionInfo(SessionInfo::MAX_PRIORITY, [
            'provider' => $this,
            'id' => $this->hashToSessionId($_SERVER['SESSGATE_SESSION'] ?? ''),
            'idIsSafe' => true, // else each request has another
            'forceUse' => true, // whatever was stored below this id
            'userInfo' => $user,
            'persisted' => true,
        ]);
    }

    /* MediaWiki's own cookies name nobody. */
    protected function getUserInfoFromCookies($request)
    {
        return [null, null, null];
    }

    public function canChangeUser()
    {
        return false;
    }

    public function newSessionInfo($id = null)
    {
        return new SessionInfo(SessionInfo::MIN_PRIORITY, [
            'provider' => $this,
            'id' => $id,
            'idIsSafe' => true,
        ]);
    }

    public function persistSession($session, $request)
    {
        if ($session->getUser()->isAnon()) {
            parent::persistSession($session, $request);
        }
    }
}

/* PAGE of the gate, and back to where the visitor is. */
function sessgate_url($page, $next)
{
    return SESSGATE_PATH . $page . '?next=' . rawurlencode($next);
}

$wgSessionProviders = [[
    'class' => SessgateSessionProvider::class,
    'args' => [['priority' => 30]],
]];
$wgEnableBotPasswords = false;
$wgGroupPermissions['*']['createaccount'] = false;

/*
 * MediaWiki compares a page's age with the copy in the browser.  Its own login
 * makes all copies old; the gate's login has to, or the browser would go on to
 * show the page of nobody.
 */
$wgHooks['OutputPageCheckLastModified'][] = function (&$times) {
    if (sessgate_user_id() !== '') {
        $times['sessgate'] = wfTimestamp(TS_MW, time() + 1);
    }
};

$wgHooks['SkinTemplateNavigation::Universal'][] = function ($skin, &$links) {
    $here = $skin->getTitle()->getLocalURL();
    foreach (['user-menu', 'user-interface-preferences'] as $menu) {
        foreach (['login', 'login-private', 'logout'] as $name) {
            if (isset($links[$menu][$name])) {
                $page = $name === 'logout' ? '/logout' : '/login';
                $links[$menu][$name]['href'] = sessgate_url($page, $here);
                unset($links[$menu][$name]['data-mw']);
            }
        }
    }
};

$wgHooks['SpecialPageBeforeExecute'][] = function ($special) {
    $pages = ['Userlogin' => '/login', 'Userlogout' => '/logout',
        'CreateAccount' => '/login', 'PasswordReset' => '/login'];
    $page = $pages[$special->getName()] ?? null;
    if ($page === null) {
        return true;
    }
    $title = Title::newFromText(
        $special->getRequest()->getText('returnto')) ?? Title::newMainPage();
    $special->getOutput()->redirect(
        sessgate_url($page, $title->getLocalURL()), 303);
    return false;
};
