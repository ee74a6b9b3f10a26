<?php
/*
 * DokuWiki behind the gate: the visitor is whom the gate names, nobody else.
 *
 * The folder goes to lib/plugins/authsessgate; in conf/local.php
 *   $conf['authtype'] = 'authsessgate';
 * The user is REMOTE_USER, the groups are SESSGATE_ROLES.
 * See doc/applications/dokuwiki.md.
 */

if (!defined('DOKU_INC')) {
    die();
}

class auth_plugin_authsessgate extends DokuWiki_Auth_Plugin
{
    private $user = '';
    private $info = false;

    public function __construct()
    {
        parent::__construct();
        $this->cando['external'] = true;
        if (($_SERVER['SESSGATE_USER_ID'] ?? '') === '') {
            return;
        }
        $roles = array_filter(explode(',', $_SERVER['SESSGATE_ROLES'] ?? ''));
        $this->user = $_SERVER['REMOTE_USER'];
        $this->info = [
            'name' => $_SERVER['SESSGATE_NAME'] ?? $this->user,
            'mail' => $_SERVER['SESSGATE_EMAIL'] ?? '',
            'grps' => array_merge([$GLOBALS['conf']['defaultgroup']], $roles),
        ];
    }

    /* Name and password of a form, or of XML-RPC, are not looked at. */
    public function trustExternal($user, $pass, $sticky = false)
    {
        global $USERINFO, $INPUT;

        $this->forget_another_session();
        if ($this->info === false) {
            $INPUT->server->remove('REMOTE_USER');
            $USERINFO = null;
            return false;
        }
        $INPUT->server->set('REMOTE_USER', $this->user);
        $USERINFO = $this->info;
        return true;
    }

    /* DokuWiki keeps the trail of visited pages in a session of its own. */
    private function forget_another_session()
    {
        $session = $_SERVER['SESSGATE_SESSION'] ?? '';
        if (($_SESSION[DOKU_COOKIE]['sessgate'] ?? '') !== $session) {
            $_SESSION[DOKU_COOKIE] = ['sessgate' => $session];
        }
    }

    /* Of the visitor; what other users are called is not known here. */
    public function getUserData($user, $requireGroups = true)
    {
        return $user === $this->user ? $this->info : false;
    }
}
