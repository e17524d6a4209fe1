-- The users of config.yaml and what they may do; on a writable node. Repeated whenever a node begins to lead, since
-- a function can be granted only once it exists.
local credentials = {}

local function ensure_user(name, user)
    if not box.schema.user.exists(name) then
        box.schema.user.create(name)
    end
    if user.password ~= nil then
        local stored = box.space._user.index.name:get(name).auth
        if stored['chap-sha1'] ~= box.schema.user.password(user.password) then
            box.schema.user.passwd(name, user.password)
        end
    end
    for _, role in ipairs(user.roles or {}) do
        -- The user `admin` has all rights from birth.
        if name ~= 'admin' then
            box.schema.user.grant(name, role, nil, nil, {if_not_exists = true})
        end
    end
end

local function grant_functions(name, functions)
    for _, fn in ipairs(functions) do
        if box.space._func.index.name:get(fn) ~= nil then
            box.schema.user.grant(name, 'execute', 'function', fn, {if_not_exists = true})
        end
    end
end

-- Brings users and their rights up to date.
function credentials.ensure(users)
    for name, user in pairs(users) do
        ensure_user(name, user)
        for _, privilege in ipairs(user.privileges or {}) do
            grant_functions(name, privilege.functions or {})
        end
    end
end

-- Makes functions that exist for the replicator alone.
function credentials.ensure_peer_functions(login, names)
    for _, name in ipairs(names) do
        box.schema.func.create(name, {setuid = true, if_not_exists = true})
    end
    grant_functions(login, names)
end

return credentials
