<?php
/*
 * One login, one logout: those of the gate.
 */

if (!defined('DOKU_INC')) {
    die();
}

class action_plugin_authsessgate extends DokuWiki_Action_Plugin
{
    const MOUNT = '/sessgate'; // [server] mount

    public function register(Doku_Event_Handler $controller)
    {
        $controller->register_hook('ACTION_ACT_PREPROCESS', 'BEFORE', $this,
            'lead');
    }

    public function lead(Doku_Event $event)
    {
        global $ID, $INPUT;

        $is_known = $INPUT->server->has('REMOTE_USER');
        if ($event->data === 'logout') {
            $page = '/logout';
        } elseif (!$is_known && in_array($event->data, ['login', 'denied'])) {
            $page = '/login';
        } else {
            return;
        }
        header('Cache-Control: no-store');
        header('Location: ' . self::MOUNT . $page . '?next='
            . rawurlencode(wl($ID, '', false, '&')), true, 303);
        exit;
    }
}
