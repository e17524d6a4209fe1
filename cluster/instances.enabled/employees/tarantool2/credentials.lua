-- The users of config.yaml and their roles; on a writable node. What they may call, employees/schema.lua grants.
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

-- Brings users, their passwords and roles up to date.
function credentials.ensure(users)
    for name, user in pairs(users) do
        ensure_user(name, user)
    end
end

-- Makes functions that exist for the replicator alone.
function credentials.ensure_peer_functions(login, names)
    for _, name in ipairs(names) do
        box.schema.func.create(name, {setuid = true, if_not_exists = true})
        box.schema.user.grant(login, 'execute', 'function', name, {if_not_exists = true})
    end
end

return credentials
