-- Asks the house whether a request may go on to an app; the argument is the name of the app's host.
local house = "http://127.0.0.1:8420/auth/forward"
local shown = { "accept", "authorization", "cookie", "sec-fetch-mode", "user-agent", "x-requested-with" }

core.register_action("housekey", { "http-req" }, function(txn, name)
  local sent = txn.http:req_get_headers()
  local port = txn.sf:req_hdr("host"):match(":%d+$") or ""
  local headers = {
    ["x-forwarded-for"] = { txn.sf:src() },
    ["x-forwarded-method"] = { txn.sf:method() },
    ["x-forwarded-proto"] = { "https" },
    ["x-forwarded-host"] = { name .. port },
    ["x-forwarded-uri"] = { txn.sf:pathq() },
  }
  for _, header in ipairs(shown) do
    if sent[header] then
      headers[header] = {}
      for at = 0, #sent[header] do table.insert(headers[header], sent[header][at]) end
    end
  end
  local answer = core.httpclient():get({ url = house, headers = headers })
  local function said(header) return (answer.headers or {})[header] and answer.headers[header][0] end
  if answer.status == 200 then
    for _, header in ipairs({ "remote-user", "remote-name", "remote-email", "remote-groups" }) do
      txn.http:req_set_header(header, said(header) or "")
    end
    txn:set_var("txn.housekey", "in")
    return
  end
  local reply = txn:reply({ status = answer.status >= 300 and answer.status or 503 })
  for _, header in ipairs({ "location", "www-authenticate", "retry-after", "cache-control" }) do
    if said(header) then reply:add_header(header, said(header)) end
  end
  txn:done(reply)
end, 1)
