// PostgreSQL's prefix (roles/postgres-pgvector/postgresql-conf.ts) and Redis' (pid, role, date, a sign), as POSIX has it:
// the same as in lib/logs/form.ts, whose readings the lab's test holds these to.
const postgres =
  '^[^ ]+ [^ ]+ UTC [[][0-9]+[]] (user=[^ ]* db=[^ ]* app=.* client=[^ ]* )?([A-Z]+[0-9]?):  ?(.*)\\$'
const redis = '^[0-9]+:[A-Z] [0-9]{2} [A-Za-z]{3} [0-9]{4} [0-9:.]+ ([.*#-]) (.*)\\$'
const bracketed = '[[](emerg|alert|crit|error|warn|notice|info|debug)[]]'
const thrown = '^(Traceback |(Uncaught |Unhandled )?[A-Za-z0-9_]*(Error|Exception)([^A-Za-z0-9_]|\\$))'

/**
 * Of a line of Docker's (log, stream, time, and attrs.tag, the container's name): $.container, $.service, $.level,
 * $.message, $.request, $.raw, and $.cut for a piece of a line that Docker cut because of its length.
 */
export const readEntry = `  action(type="mmjsonparse" cookie="")
  if $parsesuccess != "OK" then stop
  set $.raw = field($!log, 10, 1);
  if $.raw == "" then stop
  set $.cut = "";
  if not ($!log contains "\\n") then set $.cut = "yes";

  set $.container = $!attrs!tag;
  if $.container == "" then {
    # Made before containers had their name in their lines.
    set $.container = lookup("names", re_extract($!metadata!filename, "/([0-9a-f]{64})/", 0, 1, ""));
  }
  if $.container == "" then {
    set $.container = re_extract($!metadata!filename, "/([0-9a-f]{12})[0-9a-f]{52}/", 0, 1, "unknown");
  }
  set $.service = re_extract($.container, "^(.+)-(blue|green)-[0-9]+\\$", 0, 1, $.container);

  set $.level = "";
  set $.message = $.raw;
  set $.request = "";
  if $.service == "postgres" then {
    set $.level = tolower(re_extract($.raw, "${postgres}", 0, 2, ""));
    if $.level != "" then {
      set $.message = re_extract($.raw, "${postgres}", 0, 3, "");
      if $.level != "log" then {
        set $.message = re_extract($.raw, "${postgres}", 0, 2, "") & ": " & $.message;
      }
    }
    if $.level startswith "debug" then set $.level = "debug";
  } else if $.service == "redis" then {
    set $.sign = re_extract($.raw, "${redis}", 0, 1, "");
    if $.sign != "" then set $.message = re_extract($.raw, "${redis}", 0, 2, "");
    if $.sign == "." or $.sign == "-" then set $.level = "debug";
    if $.sign == "#" and re_match(tolower($.message), "error|fail|can't|warning") then set $.level = "warning";
  } else {
    if $.raw startswith "{" then set $.object = parse_json($.raw, "\\$!said");
    if $!said!message != "" or $!said!method != "" or $!said!level != "" then {
      set $.level = tolower($!said!level);
      set $.request = $!said!requestId;
      if $.request == "" then set $.request = $!said!request_id;
      if $!said!method != "" then {
        set $.message = $!said!method & " " & $!said!path & " " & $!said!status;
        if $!said!status >= 500 and ($.level == "" or $.level == "info" or $.level == "notice") then set $.level = "error";
      } else {
        if $!said!message != "" then set $.message = $!said!message;
        if $!said!error != "" then set $.message = $.message & ": " & $!said!error;
      }
    } else {
      set $.level = re_extract($.raw, "${bracketed}", 0, 1, "");
      if $.level == "" and re_match($.raw, "${thrown}") then set $.level = "error";
    }
  }
  if $.level == "trace" then {
    set $.level = "debug";
  } else if $.level == "warn" then {
    set $.level = "warning";
  } else if $.level == "critical" or $.level == "crit" or $.level == "fatal" or $.level == "panic" or $.level == "emerg" or $.level == "alert" then {
    set $.level = "error";
  } else if $.level != "debug" and $.level != "warning" and $.level != "error" then {
    set $.level = "info";
  }
`
