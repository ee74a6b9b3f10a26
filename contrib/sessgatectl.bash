# Completion of sessgatectl for bash.  Made by sessgatectl --print-completion.
_sessgatectl() {
	local word words command= i
	word=${COMP_WORDS[COMP_CWORD]}
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--config | --site) i=$((i + 1)) ;;
		-*) ;;
		*) command=${COMP_WORDS[i]} && break ;;
		esac
	done
	case $command in
	'') words=" sessions end who count block unblock blocked limits user login password totp reset-link migrate doctor acl grants audit web config stats top ping reload --config --site --json --quiet --yes --help --version" ;;
	sessions) words="" ;;
	end) words=" --all --everybody" ;;
	who) words=" --since --limit" ;;
	count) words="" ;;
	block) words=" --for --reason" ;;
	unblock) words="" ;;
	blocked) words="" ;;
	limits) words=" --reset" ;;
	user) words="" ;;
	login) words=" --from --path --password-file" ;;
	password) words=" hash verify set --password-file --format" ;;
	totp) words=" new check remove" ;;
	reset-link) words=" --for" ;;
	migrate) words=" --dry-run --rate" ;;
	doctor) words=" --quick --verbose --socket" ;;
	acl) words=" --admin" ;;
	grants) words="" ;;
	audit) words=" --since --user --address --follow" ;;
	web) words="" ;;
	config) words=" check print --offline" ;;
	stats) words=" --prometheus --watch --times" ;;
	top) words=" --watch --times --once" ;;
	ping) words=" --socket" ;;
	reload) words="" ;;
	*) words= ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _sessgatectl sessgatectl
